import { createHash } from 'node:crypto';
import Handlebars from 'handlebars';
import { element, label, svgText } from '../templates/charts/svg.js';
import { bar, type Mark, markKey } from '../templates/charts/bars.js';
import { template } from '../templates/templates.js';
import { cut, cutMiddle, safeUrl, visible } from './escape.js';
import { textOf } from './helper-text.js';
import { picturesOf } from './html-charts.js';
import { pageGrid } from './html-grid.js';
import { HTML_PARTIALS } from './html-partials.js';
import { gridsOf } from './html-tables.js';
import { type PageModel, pageModel } from './model.js';
import { proseHtml } from './prose.js';
import type { Report } from './report.js';
import { pageTraces } from './traces/html.js';

/** A value in a narrow column: the path of a pod's cgroup would be a tower of syllables. It is whole in the table of groups. */
const FIGURE = 72;

const safe = (html: string) => new Handlebars.SafeString(html);

/** Longer names and texts are cut: a host must not be able to make the page unreadable, or too large to send. */
const [NAME, LONG, PROSE] = [200, 1000, 2000];

/** A number stays on one line with its unit. */
const withUnits = (text: string): string => text.replaceAll(/(\d) (?=(?:[KMGTP]i)?B\b|%|(?:s|ms|min|h|d)\b)/g, '$1\u00A0');

const environment = Handlebars.create();
environment.registerHelper({
  // Handlebars escapes what these return, but for SafeString
  show: (value: unknown) => visible(cutMiddle(textOf(value), NAME)),
  // sentences, and where a number comes from: their beginning says more than their end
  long: (value: unknown) => visible(cut(textOf(value), LONG)),
  figure: (value: unknown) => withUnits(visible(cutMiddle(textOf(value), FIGURE))),
  sentence: (value: unknown) => withUnits(visible(cut(textOf(value), LONG))),
  command: (value: unknown) => textOf(value).split('\n').map(visible).join('\n'),
  prose: (value: unknown) => safe(proseHtml(cut(textOf(value), PROSE))),
  swatch: (tone: unknown, letter: unknown) => safe(swatch(textOf(tone), textOf(letter))),
  markKey: (kind: unknown) => safe(markKey(textOf(kind) as Mark['kind'])),
  sure: (score: unknown) => safe(bar([{ label: `${textOf(score)} of 100`, value: Number(textOf(score)), tone: 'sure' }], 100)),
  link: (title: unknown, url: unknown) => {
    const [text, href] = [svgText(visible(textOf(title))), textOf(url)];
    return safe(safeUrl(href) ? `<a href="${svgText(href)}" rel="noreferrer noopener">${text}</a>` : text);
  },
});
for (const [name, text] of Object.entries(HTML_PARTIALS)) environment.registerPartial(name, text);
environment.registerPartial('oom', template('oom.html.hbs'));
environment.registerPartial('tools', template('tools.html.hbs'));
environment.registerPartial('traces', template('traces.html.hbs'));

/** The colour and the letter of a part of a picture. */
const swatch = (tone: string, letter: string): string =>
  element(
    'svg',
    { class: 'swatch', width: 18, height: 18, 'aria-hidden': 'true' },
    element('rect', { class: tone, width: 18, height: 18 }) + (letter === '' ? '' : label(`on on-${tone} letter`, 9, 13, letter, 'middle')),
  );

/** The report as one self-contained page: no script, nothing loaded, styles allowed by their hash alone. */
export function renderHtml(report: Report): string {
  const page = environment.compile(template('page.html.hbs'), { strict: true, preventIndent: true });
  const css = `\n${template('page.css').trim()}\n`;
  const model = pageModel(report);
  const pictures = picturesOf(report, model);
  const moved = pictures.pressure.length + pictures.calm.length + pictures.charts.length + pictures.intervals.length > 0;
  const anchors = anchorsOf(model);
  return page({
    ...model,
    ...pictures,
    css,
    styleHash: `sha256-${createHash('sha256').update(css).digest('base64')}`,
    moved,
    titleSaid: model.cause !== null && model.headline.startsWith(model.cause.title),
    contents: contentsOf(model, moved),
    cause: model.cause && withReasons(model.cause, anchors),
    others: model.others.map((other) => withReasons(other, anchors)),
    findings: model.findings.map((finding, index) => ({ ...finding, anchor: anchors.at(finding.id, index) })),
    oom: model.oom && {
      ...model.oom,
      moments: model.oom.moments.map((moment, index) => ({
        ...moment,
        figures: pictures.oom[index] ?? [],
        tables: moment.tables.map(({ caption, table }) => ({ caption, table: pageGrid(table) })),
      })),
    },
    traces: pageTraces(model.traces),
    tables: tablesOf(report, model, pictures.bars),
  });
}

function tablesOf(report: Report, model: PageModel, bars: ReturnType<typeof picturesOf>['bars']) {
  const grids = gridsOf(model);
  const plain = Object.fromEntries(Object.entries(grids).map(([name, table]) => [name, pageGrid(table)]));
  return {
    ...plain,
    processes: pageGrid(grids.processes, {
      bars: bars.processes,
      notes: report.tables.processes.map(({ name, command, cgroup }) =>
        [command === name ? null : command, cgroup].filter((note) => note !== null),
      ),
      tones: { Private: 'anon', Shared: 'shmem', File: 'file', Swapped: 'swap' },
    }),
    slab: pageGrid(grids.slab, { bars: bars.slab, tones: { 'In use': 't0' } }),
    cgroups: pageGrid(grids.cgroups, { bars: bars.cgroups, tones: { 'Working set': 't0' } }),
    swaps: pageGrid(grids.swaps, { bars: bars.swaps, tones: { Used: 'swap' } }),
  };
}

const anchorName = (index: number): string => `finding-${index + 1}`;

/** Where a finding stands on the page: a rule that found several things has its place at the first. */
function anchorsOf({ findings }: PageModel) {
  const first = new Map<string, number>();
  for (const [index, { id }] of findings.entries()) if (!first.has(id)) first.set(id, index);
  return {
    to: (id: string): string | null => (first.has(id) ? anchorName(first.get(id) ?? 0) : null),
    at: (id: string, index: number): string | null => (first.get(id) === index ? anchorName(index) : null),
  };
}

/** More reasons than this are folded: the next steps must not be pushed off the screen. */
const REASONS = 6;

function withReasons(diagnosis: NonNullable<PageModel['cause']>, anchors: ReturnType<typeof anchorsOf>) {
  const reasons = [
    ...diagnosis.because.map(({ id, title }) => ({ title, anchor: anchors.to(id) })),
    ...diagnosis.supporting.map((title) => ({ title, anchor: null })),
  ];
  // one more line is no longer than the word that hides it
  const shown = reasons.length <= REASONS + 1 ? reasons.length : REASONS;
  return { ...diagnosis, reasons: reasons.slice(0, shown), moreReasons: reasons.slice(shown) };
}

/** The sections that this page has, for its list of contents. */
function contentsOf(model: PageModel, moved: boolean): { id: string; title: string }[] {
  const all: [string, string, unknown][] = [
    ['oom', model.oom?.title ?? '', model.oom],
    ['traces', 'Who did it', model.traces],
    ['balance', 'Memory map', model.balance],
    ['charts', 'While watched', moved],
    ['findings', `Findings (${model.findings.length})`, true],
    ['processes', 'Processes', model.processes.length],
    ['cgroups', 'Control groups', model.cgroups.length],
    ['zones', 'Zones', model.zones.length],
    ['slab', 'Slab', model.slab.length],
    ['events', 'Events', model.events.length],
    ['unknown', 'Not checked', model.unknown.length],
    ['sources', 'Provenance', true],
    ['tools', 'Tools', model.tools],
  ];
  return all.flatMap(([id, title, has]) => (has ? [{ id: `${id}-title`, title }] : []));
}
