import { element, num, picture, svgText } from './svg.js';

export type Point = readonly [x: number, y: number];
export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
  readonly tone: string;
}
export interface LineChart {
  readonly label: string;
  readonly lines: readonly Line[];
  /** Text of a value on the vertical axis. */
  readonly format: (value: number) => string;
  /** The axis reaches at least this high. */
  readonly atLeast?: number;
  /** The unit grows by 1024, not by 1000. */
  readonly binary?: boolean;
}

const [WIDTH, HEIGHT] = [360, 130];
const [LEFT, RIGHT, TOP, BOTTOM] = [76, 352, 8, 108];

/** Lines over the seconds of the sample; the vertical axis begins at zero, so that a flat line looks flat. */
export function lineChart(chart: LineChart): string {
  const points = chart.lines.flatMap((line) => line.points);
  if (points.length < 2) return '';
  const end = Math.max(...points.map(([x]) => x), 1e-9);
  const top = niceCeiling(Math.max(chart.atLeast ?? 0, ...points.map(([, y]) => y)), chart.binary ?? false);
  const x = (seconds: number) => LEFT + ((RIGHT - LEFT) * seconds) / end;
  const y = (value: number) => BOTTOM - ((BOTTOM - TOP) * Math.max(0, value)) / top;
  const grid = [0, 0.5, 1].map(
    (share) =>
      element('line', { class: 'grid', x1: LEFT, x2: RIGHT, y1: y(share * top), y2: y(share * top) }) +
      element('text', { class: 'tick', x: LEFT - 5, y: y(share * top) + 4, 'text-anchor': 'end' }, svgText(chart.format(share * top))),
  );
  const feet = [0, end].map((seconds, index) =>
    element(
      'text',
      { class: 'tick', x: x(seconds), y: HEIGHT - 8, 'text-anchor': index ? 'end' : 'start' },
      svgText(`${num(Math.round(seconds * 10) / 10)} s`),
    ),
  );
  const drawn = chart.lines.map((line) =>
    element('polyline', { class: `line ${line.tone}`, points: line.points.map(([px, py]) => `${num(x(px))},${num(y(py))}`).join(' ') }),
  );
  return picture(WIDTH, HEIGHT, chart.label, 'lines', [...grid, ...feet, ...drawn].join(''));
}

/** The least round number that is not below the value: 1, 2, 3, 4, 6, 8 × 10ⁿ, in units of 1024ⁿ when those are asked for. */
function niceCeiling(value: number, binary: boolean): number {
  if (!(value > 0)) return 1;
  const unit = binary ? 1024 ** Math.max(0, Math.floor(Math.log(value) / Math.log(1024))) : 1;
  const power = 10 ** Math.floor(Math.log10(value / unit)) * unit;
  return ([1, 2, 3, 4, 6, 8].find((factor) => factor * power >= value) ?? 10) * power;
}
