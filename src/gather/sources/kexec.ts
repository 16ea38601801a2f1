import { bytes, boolean, row } from '../../json-schema.js';
import { unsigned } from '../lines.js';
import { defineSource } from '../source.js';

const SIZE = ['sys/kernel/kexec_crash_size', 'sys/kernel/kexec/crash_size'];
const LOADED = ['sys/kernel/kexec_crash_loaded', 'sys/kernel/kexec/crash_loaded'];

/** Memory kept for the kernel that writes a dump after a crash. */
export default defineSource({
  title: '/sys/kernel/kexec_crash_size',
  docs: 'https://docs.kernel.org/admin-guide/kdump/kdump.html',
  reads: [...SIZE, ...LOADED],
  cadence: 'first',
  schema: row({}, { crashSize: bytes('reserved'), crashLoaded: boolean('such a kernel is loaded') }),
  parseFiles: (files) => {
    const of = (places: readonly string[]): number | undefined => {
      const content = places.map((path) => files.get(path)).find((text) => text !== undefined);
      return content === undefined ? undefined : unsigned(content.trim(), places[0] ?? '');
    };
    const [size, loaded] = [of(SIZE), of(LOADED)];
    return { ...(size === undefined ? {} : { crashSize: size }), ...(loaded === undefined ? {} : { crashLoaded: loaded > 0 }) };
  },
});
