import { createHash } from 'node:crypto';
import Handlebars from 'handlebars';
import { element, svgText } from '../templates/charts/svg.js';
import { template } from '../templates/templates.js';
import { cut, cutMiddle, safeUrl, visible } from './escape.js';
import { textOf } from './helper-text.js';
import { balanceChart, processBars, seriesCharts } from './html-charts.js';
import { HTML_PARTIALS } from './html-partials.js';
import { gridsOf } from './html-tables.js';
import { pageModel } from './model.js';
import { proseHtml } from './prose.js';
import type { Report } from './report.js';

const safe = (html: string) => new Handlebars.SafeString(html);

/** Longer names and texts are cut: a host must not be able to make the page unreadable, or too large to send. */
const [NAME, PROSE] = [300, 2000];

const environment = Handlebars.create();
environment.registerHelper({
  // Handlebars escapes what these return, but for SafeString
  show: (value: unknown) => visible(cutMiddle(textOf(value), NAME)),
  command: (value: unknown) => textOf(value).split('\n').map(visible).join('\n'),
  prose: (value: unknown) => safe(proseHtml(cut(textOf(value), PROSE))),
  swatch: (tone: unknown) =>
    safe(
      element(
        'svg',
        { class: 'swatch', viewBox: '0 0 10 10', 'aria-hidden': 'true' },
        element('rect', { class: textOf(tone), width: 10, height: 10 }),
      ),
    ),
  link: (title: unknown, url: unknown) => {
    const [text, href] = [svgText(visible(textOf(title))), textOf(url)];
    return safe(safeUrl(href) ? `<a href="${svgText(href)}" rel="noreferrer noopener">${text}</a>` : text);
  },
});
for (const [name, text] of Object.entries(HTML_PARTIALS)) environment.registerPartial(name, text);

/** The report as one self-contained page: no script, nothing loaded, styles allowed by their hash alone. */
export function renderHtml(report: Report): string {
  const page = environment.compile(template('page.html.hbs'), { strict: true, preventIndent: true });
  const css = `\n${template('page.css').trim()}\n`;
  const model = pageModel(report);
  const bars = processBars(report.tables.processes);
  return page({
    ...model,
    ...seriesCharts(report.series),
    css,
    styleHash: `sha256-${createHash('sha256').update(css).digest('base64')}`,
    balanceChart: model.balance && balanceChart(model.balance),
    processes: model.processes.map((row, index) => ({ ...row, chart: bars[index] ?? '' })),
    tables: gridsOf(model),
  });
}
