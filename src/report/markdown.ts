import Handlebars from 'handlebars';
import { svgText } from '../templates/charts/svg.js';
import { template } from '../templates/templates.js';
import { cut, cutMiddle, markdownBlock, markdownCode, markdownLink, markdownProse, markdownText, visible } from './escape.js';
import { textOf } from './helper-text.js';
import { pageModel } from './model.js';
import type { Report } from './report.js';
import { markdownTraces } from './traces/markdown.js';

/** The parts that a diagnosis and a finding have in common. Each begins with its own empty line. */
const PARTIALS: Readonly<Record<string, string>> = {
  diagnosis: `{{prose summary}}

{{#if owner}}
- Owner: {{md owner.kind}} {{code owner.name}}{{#if owner.size}}, {{md owner.size}}{{/if}}
{{/if}}
- Sure: {{md confidence}} ({{code id}})
{{#each because}}
- Because: {{md title}} ({{code id}})
{{/each}}
{{#each supporting}}
- Also for it: {{prose this}}
{{/each}}
{{#each against}}
- Against it: {{prose this}}
{{/each}}
{{#if explanation}}

{{prose explanation}}
{{/if}}
{{> actions this}}
{{> evidence this}}
{{> references this}}
`,
  evidence: `{{#if evidence}}

| evidence | value | threshold | source |
| --- | ---: | ---: | --- |
{{#each evidence}}
| {{md label}} | {{code value}} | {{md threshold}} | {{code source}} |
{{/each}}
{{/if}}
`,
  actions: `{{#if actions}}

What to do:
{{#each actions}}

**{{md word}}**: {{prose text}}{{#if harmless}} {{prose harmless}}{{/if}}{{#if risk}} Risk: {{prose risk}}{{/if}}
{{#if command}}

{{block command}}
{{/if}}
{{/each}}
{{/if}}
`,
  references: `{{#if references}}

{{#each references}}
- {{link title url}}
{{/each}}
{{/if}}
`,
};

/** Longer names and texts are cut. */
const [NAME, PROSE] = [300, 2000];

const environment = Handlebars.create();
// nothing is printed but through one of these: the template has no bare {{name}}, and a test sees to it
environment.registerHelper({
  md: (value: unknown) => markdownText(cutMiddle(textOf(value), NAME)),
  code: (value: unknown) => markdownCode(cutMiddle(textOf(value), NAME)),
  prose: (value: unknown) => markdownProse(cut(textOf(value), PROSE)),
  block: (value: unknown) => markdownBlock(textOf(value)),
  // inside an HTML element Markdown is not read: text is escaped as HTML
  summary: (...texts: unknown[]) =>
    texts
      .slice(0, 2)
      .map((text) => svgText(visible(textOf(text))))
      .join(': '),
  output: (value: unknown) => markdownBlock(textOf(value), 'text'),
  link: (title: unknown, url: unknown) => markdownLink(textOf(title), textOf(url)),
});
for (const [name, text] of Object.entries(PARTIALS)) environment.registerPartial(name, text);
environment.registerPartial('oom', template('oom.md.hbs'));
environment.registerPartial('tools', template('tools.md.hbs'));
environment.registerPartial('traces', template('traces.md.hbs'));

/** The report as Markdown (CommonMark with tables); rendering it by any reader gives no markup that a host chose. */
export function renderMarkdown(report: Report): string {
  const page = environment.compile(template('report.md.hbs'), { noEscape: true, strict: true, preventIndent: true });
  const model = pageModel(report);
  return `${page({ ...model, traces: markdownTraces(model.traces) })
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
