import type { Report } from './report.js';

export const FORMATS = ['html', 'md', 'text', 'json', 'ndjson'] as const;
export type Format = (typeof FORMATS)[number];

export interface RenderOptions {
  readonly format: Format;
  /** Colours, in text only. */
  readonly color?: boolean;
  /** Columns, in text only (default 100). */
  readonly width?: number;
  /** Lines of the terminal, in text only (default 24): a healthy report fits them. */
  readonly height?: number;
}

/** The same JSON with what JSON lets stand, but a terminal or an eye might take for something else, written as escapes. */
const terminalJson = (json: string): string =>
  json.replaceAll(/[\u007F-\u009F\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    [...Array(char.length).keys()].map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );

const renderers: Readonly<
  Record<Format, (report: Report, how: { color: boolean; width: number; height: number }) => string | Promise<string>>
> = {
  html: async (report) => (await import('./html.js')).renderHtml(report),
  md: async (report) => (await import('./markdown.js')).renderMarkdown(report),
  text: async (report, { color, width, height }) => (await import('./text.js')).renderText(report, color, width, height),
  json: (report) => `${terminalJson(JSON.stringify(report, null, 2))}\n`,
  ndjson: (report) => `${terminalJson(JSON.stringify(report))}\n`,
};

/** Renders a report; deterministic: the same report gives the same bytes. Each format loads only what it needs. */
export async function render(report: Report, { format, color = false, width = 100, height = 24 }: RenderOptions): Promise<string> {
  return renderers[format](report, { color, width, height });
}
