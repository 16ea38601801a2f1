import { defineText, oneSample } from '../kind.js';
import { run } from '../shape.js';

const ASKED = /\bvmware-toolbox-cmd[\s_]{1,4}stat[\s_]{1,4}balloon\b/;
const HELD = /^\s*(\d{1,9}) MB\s*$/;
/** `vmware-toolbox-cmd stat raw text resources`, in KiB: the name is there. */
const RAW = /^\s*guest\.mem\.ballooned = (\d{1,12})\s*$/;
/** The other lines of it. */
const OTHER = /^\s*guest\.(?:mem|cpu|session|host|resources|elapsed)[\w.]{1,60} = \S+\s*$/;
/** The guest info of VMware counts MiB. */
const PAGES_PER_MIB = 256;
const KIB_PER_PAGE = 4;

/** What VMware's tools say of their balloon: one figure, so the command must be there to tell what it is. */
export default defineText({
  title: 'vmware-toolbox-cmd stat balloon',
  docs: 'https://docs.vmware.com/en/VMware-Tools/index.html',
  origin: 'tool',
  hint: ASKED,
  span: (lines, at, hinted) => {
    if (hinted && HELD.test(lines[at] ?? '')) return 1;
    const length = run(lines, at, (line) => RAW.test(line) || OTHER.test(line));
    return lines.slice(at, at + length).some((line) => RAW.test(line)) ? length : 0;
  },
  read: (lines) => {
    const [mib, kib] = [HELD, RAW].map((pattern) => lines.map((line) => pattern.exec(line)?.[1]).find((digits) => digits !== undefined));
    const pages = mib === undefined ? Number(kib ?? 0) / KIB_PER_PAGE : Number(mib) * PAGES_PER_MIB;
    return oneSample(new Map([['sys/kernel/debug/vmmemctl', `current: ${Math.round(pages)} pages\n`]]));
  },
});
