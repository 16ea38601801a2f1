import { percent } from '../../format.js';
import { labelledBars } from '../../templates/charts/labelled-bars.js';
import type { Report } from '../report.js';
import { watched } from '../words.js';

const RESOURCES = [
  ['mem', 'Memory'],
  ['io', 'Disk'],
  ['cpu', 'CPU'],
] as const;
/** Below this, bars are drawn against it: a tenth of a per cent must not fill a page. */
const LEAST_PERCENT = 10;

/** Stalls in the time watched beside the kernel's own averages: whether it grows or ebbs. All pictures have one scale; what shows nothing but zero is told in words. */
export function pressureFigures({ facts, subject }: Report) {
  const number = (name: string): number | null => {
    const value = facts[name]?.value;
    return typeof value === 'number' ? value : null;
  };
  const spans = [
    ['pct', subject.samples < 2 ? 'while watched' : `while watched, ${watched(subject).replace(/^.* over /, '')}`],
    ['avg10', 'last 10 s'],
    ['avg60', 'last minute'],
    ['avg300', 'last 5 minutes'],
  ] as const;
  const all = RESOURCES.map(([id, title]) => ({
    title,
    rows: spans.flatMap(([span, name]) => {
      // of the whole host the CPU is never stalled for all tasks: the kernel writes zeros
      const [some, full] = [number(`psi.${id}.some.${span}`), id === 'cpu' ? null : number(`psi.${id}.full.${span}`)];
      return some === null ? [] : [{ name, some, full }];
    }),
  })).filter(({ rows }) => rows.length > 0);
  const moving = all.filter(({ rows }) => rows.some(({ some, full }) => some > 0 || (full ?? 0) > 0));
  const still = all.filter((one) => !moving.includes(one)).map(({ title }) => title);
  const top = 10 * Math.ceil(Math.max(LEAST_PERCENT, ...moving.flatMap(({ rows }) => rows.map(({ some }) => some))) / 10);
  const pressure = moving.map(({ title, rows }) => {
    const texts = rows.map(({ some, full }) => (full === null ? percent(some) : `${percent(some)}, all ${percent(full)}`));
    const svg = labelledBars(
      rows.map(({ name, some, full }, index) => ({
        label: name,
        value: texts[index] ?? '',
        parts: [
          { label: `all tasks: ${percent(full ?? 0)}`, value: full ?? 0, tone: 't3' },
          { label: `some tasks: ${percent(some)}`, value: some - (full ?? 0), tone: 't1' },
        ],
      })),
      `Share of the time that tasks waited for ${title === 'CPU' ? title : title.toLowerCase()}: ${rows.map(({ name }, index) => `${name} ${texts[index] ?? ''}`).join('; ')}.`,
      top,
    );
    return { title, svg, scale: percent(top) };
  });
  return { pressure, calm: still.length === 0 ? '' : `No stalls at all, in all spans: ${still.join(', ')}.` };
}
