import { defineFacts, Unknown } from './fact.js';
import { ageOf, type LogEvent } from './log-lines.js';
import type { View } from './view.js';

const LOSSY = 'the kernel log is a ring, and a daemon (rasdaemon, mcelog) may have taken the errors: there may have been more';

/** Memory that the hardware lost. */
export default defineFacts({
  'hw.corrupted_bytes': {
    title: 'Memory taken out of use after hardware errors',
    unit: 'bytes',
    formula: 'HardwareCorrupted',
    validity: 'since boot; kernels with CONFIG_MEMORY_FAILURE; injected errors count as well',
    reference: 'https://docs.kernel.org/mm/hwpoison.html',
    value: (view) => view.meminfo('HardwareCorrupted'),
  },
  'hw.corrupted_growth_bytes': {
    title: 'Memory taken out of use after hardware errors, in the sample',
    unit: 'bytes',
    formula: 'Δ HardwareCorrupted',
    value: (view) => {
      const { first, last } = view.pair('meminfo');
      view.used('/proc/meminfo HardwareCorrupted');
      const [before, after] = [first['HardwareCorrupted'], last['HardwareCorrupted']];
      if (before === undefined || after === undefined) throw new Unknown('/proc/meminfo has no HardwareCorrupted');
      return after - before;
    },
  },
  'log.hardware_errors': {
    title: 'Memory errors of the hardware, in the kernel log',
    unit: 'count',
    formula: 'EDAC, machine check and “Memory failure” events of the kernel log',
    validity: LOSSY,
    value: (view) => hardwareErrors(view).reduce((sum, { count }) => sum + count, 0),
  },
  'log.last_hardware_error_age_s': {
    title: 'Time since the last memory error of the hardware',
    unit: 's',
    formula: 'uptime (or the end of the log) − time stamp of the last such event of the kernel log',
    validity: LOSSY,
    value: (view) => {
      const last = hardwareErrors(view).at(-1);
      return ageOf(view, last);
    },
  },
});

function hardwareErrors(view: View): LogEvent[] {
  const log = view.last('kernel-log');
  view.used(`kernel log (${log.from})`);
  return log.events.filter(({ kind, harmless }) => kind === 'hardware-error' && harmless === undefined);
}
