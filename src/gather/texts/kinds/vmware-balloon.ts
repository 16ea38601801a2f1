import { defineText, oneSample } from '../kind.js';

const ASKED = /\bvmware-toolbox-cmd[\s_]{1,4}stat[\s_]{1,4}balloon\b/;
const HELD = /^\s*(\d{1,9}) MB\s*$/;
/** The guest info of VMware counts MiB. */
const PAGES_PER_MIB = 256;

/** What VMware's tools say of their balloon: one figure, so the command must be there to tell what it is. */
export default defineText({
  title: 'vmware-toolbox-cmd stat balloon',
  docs: 'https://docs.vmware.com/en/VMware-Tools/index.html',
  origin: 'tool',
  hint: ASKED,
  span: (lines, at, hinted) => Number(hinted && HELD.test(lines[at] ?? '')),
  read: ([line = '']) =>
    oneSample(new Map([['sys/kernel/debug/vmmemctl', `current: ${Number(HELD.exec(line)?.[1] ?? 0) * PAGES_PER_MIB} pages\n`]])),
});
