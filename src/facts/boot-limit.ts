import { defineFacts, Unknown } from './fact.js';
import type { View } from './view.js';

const SUFFIXES: Readonly<Record<string, number>> = { '': 0, k: 10, m: 20, g: 30, t: 40 };
const PARAMETERS = 'https://docs.kernel.org/admin-guide/kernel-parameters.html';

/** What the boot loader told the kernel to leave alone. */
export default defineFacts({
  'boot.mem_limited': {
    title: 'The kernel was told to use only part of the memory',
    unit: 'boolean',
    formula: 'mem=SIZE on the kernel command line',
    validity: 'a limit above what the machine has does nothing',
    reference: PARAMETERS,
    value: (view) => limit(view) !== null,
  },
  'boot.mem_limit_bytes': {
    title: 'Highest address that the kernel may use',
    unit: 'bytes',
    formula: 'least mem=SIZE of the kernel command line',
    validity: 'an address: holes below it are not memory',
    reference: PARAMETERS,
    value: limitBytes,
  },
  'boot.mem_limit_of_total_pct': {
    title: 'Limit of the boot loader, against the memory in use by the kernel',
    unit: '%',
    formula: '100 × mem=SIZE / MemTotal',
    validity: 'far above 100 % the machine has less than the limit allows, which then does nothing',
    value: (view) => (100 * limitBytes(view)) / view.number('mem.total_bytes'),
  },
});

/** Least mem= in bytes; null when there is none. `mem=nopentium` is no size. */
function limit(view: View): number | null {
  const { text } = view.last('cmdline');
  view.used('/proc/cmdline mem=');
  const sizes = text.split(/\s+/).flatMap((word) => {
    const match = /^mem=(\d{1,15})([kmgt]?)(?:@.*)?$/i.exec(word);
    return match ? [Number(match[1]) * 2 ** (SUFFIXES[(match[2] ?? '').toLowerCase()] ?? 0)] : [];
  });
  return sizes.length > 0 ? Math.min(...sizes) : null;
}

function limitBytes(view: View): number {
  const bytes = limit(view);
  if (bytes === null) throw new Unknown('the kernel command line has no mem=');
  return bytes;
}
