/** Reads `perf stat -x,`: `44115,,page-faults,…` an event a line; one that was not counted says `<not supported>` and is left out. */
export function parsePerfStat(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [value = '', _unit, event = ''] = line.split(',');
    if (/^\d+$/.test(value.trim()) && event !== '') counts.set(event.trim(), Number(value));
  }
  return counts;
}
