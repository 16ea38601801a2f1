import { scaleLinear } from 'd3-scale';
import { area, curveLinear, curveStepBefore, line } from 'd3-shape';
import { element, label as textAt, num, picture, share } from './svg.js';

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
  readonly tick: (value: number) => string;
  /** Where the time begins: the first sample. */
  readonly start?: number;
  /** The values are those of intervals, each of which ends at its point. */
  readonly intervals?: boolean;
  /** The axis reaches at least this high. */
  readonly atLeast?: number;
  /** The unit grows by 1024, not by 1000. */
  readonly binary?: boolean;
}

const [HEIGHT, TOP, BOTTOM] = [140, 8, 118];
/** The share of the width that the texts of the vertical axis have. */
const LEFT = 0.18;
/** The side of the square that paths are drawn in before it is stretched over the plot. */
const SIDE = 1000;

/** Lines over the seconds of the sample; the vertical axis begins at zero, so that a flat line looks flat. */
export function lineChart(chart: LineChart): string {
  const { start = 0 } = chart;
  const points = chart.lines.flatMap((line) => line.points);
  if (points.length === 0) return '';
  const end = Math.max(...points.map(([x]) => x));
  if (!(end > start)) return '';
  const { top, ticks: values } = axisTo(Math.max(chart.atLeast ?? 0, ...points.map(([, y]) => y)), chart.binary ?? false);
  const x = scaleLinear([start, end], [0, SIDE]);
  const y = scaleLinear([0, top], [SIDE, 0]).clamp(true);
  const foot = (value: number): number => TOP + ((BOTTOM - TOP) * y(value)) / SIDE;
  const grid = values.map((value) => element('line', { class: 'grid', x1: share(LEFT), x2: '100%', y1: foot(value), y2: foot(value) }));
  const ticks = values.map((value) => textAt('tick', share(LEFT - 0.015), foot(value) + 4, chart.tick(value), 'end'));
  const feet = [
    textAt('tick', share(LEFT), HEIGHT - 7, `${seconds(start)} s`),
    textAt('tick', share((1 + LEFT) / 2), HEIGHT - 7, `${seconds((start + end) / 2)} s`, 'middle'),
    textAt('tick', '100%', HEIGHT - 7, `${seconds(end)} s`, 'end'),
  ];
  const curve = chart.intervals ? curveStepBefore : curveLinear;
  const drawn = chart.lines.map(({ points, tone }, index) => {
    const first = points[0];
    const whole: Point[] = chart.intervals && first ? [[start, first[1]], ...points] : [...points];
    const [across, up] = [([at]: Point) => x(at), ([, value]: Point) => y(value)];
    const under = area<Point>(across, SIDE, up).curve(curve).digits(1)(whole) ?? '';
    const path = line<Point>(across, up).curve(curve).digits(1)(whole) ?? '';
    return (
      (index === 0 ? element('path', { class: `under ${tone}`, d: under }) : '') +
      element('path', { class: `line l${index} ${tone}`, d: path })
    );
  });
  const plot = element(
    'svg',
    {
      class: 'plot',
      x: share(LEFT),
      y: TOP,
      width: share(1 - LEFT),
      height: BOTTOM - TOP,
      viewBox: `0 0 ${SIDE} ${SIDE}`,
      preserveAspectRatio: 'none',
    },
    drawn.join(''),
  );
  return picture(HEIGHT, chart.label, 'lines', [...grid, plot, ...ticks, ...feet].join(''));
}

/** How a line of a chart looks, for its key. */
export const lineKey = (index: number, tone: string): string =>
  element(
    'svg',
    { class: 'line-key', width: 22, height: 10, 'aria-hidden': 'true' },
    element('line', { class: `line l${index} ${tone}`, x1: 0, x2: 22, y1: 5, y2: 5 }),
  );

const seconds = (value: number): string => num(Math.round(value * 10) / 10);

/** Where the axis ends, a little above the value, and the round numbers on the way; in units of 1024ⁿ when those are asked for. */
function axisTo(value: number, binary: boolean): { top: number; ticks: number[] } {
  if (!(value > 0)) return { top: 1, ticks: [0] };
  const unit = binary ? 1024 ** Math.max(0, Math.floor(Math.log(value) / Math.log(1024))) : 1;
  const top = (value / unit) * 1.06;
  return {
    top: top * unit,
    ticks: scaleLinear([0, top], [0, 1])
      .ticks(3)
      .map((tick) => tick * unit),
  };
}
