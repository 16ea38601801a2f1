import { row, text } from '../../json-schema.js';
import { defineSource } from '../source.js';

/** What the boot loader gave the kernel. */
export default defineSource({
  title: '/proc/cmdline',
  docs: 'https://docs.kernel.org/admin-guide/kernel-parameters.html',
  reads: ['proc/cmdline'],
  cadence: 'first',
  schema: row({ text: text('kernel parameters, separated by blanks') }),
  parse: (text) => ({ text: text.trim() }),
});
