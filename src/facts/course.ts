import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const MEMINFO = 'https://docs.kernel.org/filesystems/proc.html#meminfo';
/** Fields that a leak makes grow. */
const GROWING =
  /^(?:PageTables|Slab|S(?:Unr|R)eclaim(?:able)?|AnonPages|Shmem|Percpu|KernelStack|VmallocUsed|Committed_AS|Active\(anon\))$/;
/** A rise by half is more than noise, and a tenth more than at first is as much as before. Our judgement. */
const [ROSE, BACK] = [1.5, 1.1];
/** With fewer readings a fall may be chance. */
const FALLS = 4;

/** What readings of /proc/meminfo tell that were pasted one after the other without a clock: no rates, but where they went. */
export default defineFacts({
  'course.came_back': {
    title: 'What rose from reading to reading came back to where it began',
    unit: 'boolean',
    formula: `of the fields that leaks make grow, at least one rose to ${ROSE} times its first reading, and all end at ${BACK} times their first or less`,
    validity: 'readings without a clock: how long it took is not known',
    reference: MEMINFO,
    value: (view) => {
      const grown = courses(view).filter(({ name }) => GROWING.test(name));
      if (grown.length === 0) throw new Unknown('none of the fields that leaks make grow was read again and again');
      const rose = grown.some(({ values }) => Math.max(...values) >= ROSE * (values[0] ?? 0));
      return rose && grown.every(({ values }) => (values.at(-1) ?? 0) <= BACK * (values[0] ?? 0));
    },
  },
  'course.available_falls': {
    title: 'Available memory fell from each reading to the next',
    unit: 'boolean',
    formula: `MemAvailable (else MemFree + Buffers + Cached), at least ${FALLS} readings`,
    validity: 'readings without a clock: how fast is not known',
    reference: MEMINFO,
    value: (view) => {
      const values = available(view);
      if (values.length < FALLS) throw new Unknown(`fewer than ${FALLS} readings without a clock`);
      return values.every((value, index) => index === 0 || value < (values[index - 1] ?? 0));
    },
  },
  'course.fell_pct': {
    title: 'Available memory of the first reading less that of the last, share of MemTotal',
    unit: '%',
    formula: '100 × (first − last) / MemTotal, as course.available_falls',
    validity: 'readings without a clock',
    reference: MEMINFO,
    value: (view) => {
      const values = available(view);
      return (100 * ((values[0] ?? 0) - (values.at(-1) ?? 0))) / view.number('mem.total_bytes');
    },
  },
  'pt.most_bytes': {
    title: 'Page tables in the reading that has most',
    unit: 'bytes',
    formula: 'max PageTables of readings without a clock',
    reference: MEMINFO,
    value: (view) => Math.max(...pageTables(view)),
  },
  'pt.times_first': {
    title: 'Page tables in the reading that has most, against the first',
    unit: '1',
    formula: 'max PageTables / first PageTables of readings without a clock; 1 where there is one reading',
    reference: MEMINFO,
    value: (view) => {
      const values = view.maybe(() => pageTables(view)) ?? [];
      return values.length === 0 ? 1 : Math.max(...values) / Math.max(1, values[0] ?? 0);
    },
  },
});

interface Course {
  readonly name: string;
  readonly values: readonly number[];
}

/** @throws Unknown */
function courses(view: View): readonly Course[] {
  const found = view.last('course');
  view.used('/proc/meminfo, several readings');
  return found;
}

const course = (view: View, name: string): readonly number[] | undefined => courses(view).find((entry) => entry.name === name)?.values;

function pageTables(view: View): readonly number[] {
  const values = course(view, 'PageTables');
  if (!values) throw new Unknown('PageTables was not read again and again');
  return values;
}

function available(view: View): readonly number[] {
  const told = course(view, 'MemAvailable');
  if (told) return told;
  const [free, cached] = [course(view, 'MemFree'), course(view, 'Cached')];
  if (!free || !cached) throw new Unknown('available memory was not read again and again');
  const buffers = course(view, 'Buffers') ?? [];
  return free.map((value, index) => value + (cached[index] ?? 0) + (buffers[index] ?? 0));
}
