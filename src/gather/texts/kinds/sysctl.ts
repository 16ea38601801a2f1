import { plainPath } from '../../trees/paths.js';
import { defineText, oneSample } from '../kind.js';
import { run } from '../shape.js';

const LINE = /^\s*((?:vm|kernel|fs|net|abi|dev|crypto|debug|user|sunrpc|xen)(?:[./][\w:@+-]{1,80}){1,10}) ?(?:=|: ) ?(.*)$/;
const FAILED = /^sysctl: /;

/** What `sysctl -a` prints, or some lines of it, or of sysctl.conf. */
export default defineText({
  title: 'sysctl',
  docs: 'https://man7.org/linux/man-pages/man8/sysctl.8.html',
  origin: 'kernel',
  hint: /sysctl/,
  span: (lines, at) => run(lines, at, (line, index) => LINE.test(line) || (index > at && FAILED.test(line)), { elided: true, blanks: 1 }),
  read: (lines) => {
    const files = new Map<string, string>();
    for (const line of lines) {
      const [, name = '', value = ''] = LINE.exec(line) ?? [];
      const path = plainPath(`proc/sys/${name.includes('/') ? name : name.replaceAll('.', '/')}`);
      if (name !== '' && path !== null) files.set(path, `${value.trim()}\n`);
    }
    return oneSample(files);
  },
});
