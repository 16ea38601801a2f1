/** The parts of the two libraries that the tests use; they bring no types of their own. */
declare module 'markdown-it' {
  export default class MarkdownIt {
    constructor(options: { html: boolean; linkify: boolean; typographer: boolean });
    render(markdown: string): string;
  }
}
declare module 'commonmark' {
  export class Parser {
    parse(markdown: string): unknown;
  }
  export class HtmlRenderer {
    constructor(options: { safe: boolean });
    render(document: unknown): string;
  }
}
