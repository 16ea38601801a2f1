/** A point in time and a value. */
export type Point = readonly [seconds: number, value: number];

/** Slope per second by least squares, and the share of the variance that it explains (0 when the values do not vary). Two points at least. */
export function leastSquares(points: readonly Point[]): { slope: number; r2: number } {
  const mean = (pick: (point: Point) => number): number => points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [atTime, atValue] = [mean(([time]) => time), mean(([, value]) => value)];
  let [timeTime, timeValue, valueValue] = [0, 0, 0];
  for (const [time, value] of points) {
    timeTime += (time - atTime) ** 2;
    timeValue += (time - atTime) * (value - atValue);
    valueValue += (value - atValue) ** 2;
  }
  if (timeTime === 0) return { slope: 0, r2: 0 };
  return { slope: timeValue / timeTime, r2: valueValue === 0 ? 0 : timeValue ** 2 / (timeTime * valueValue) };
}
