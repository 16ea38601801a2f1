import { defineText, oneSample } from '../kind.js';

const ALL = /^\s*Linux (\S{1,253}) (\d\S{1,120}) #\S.{0,200}$/;
const RELEASE = /^\s*\d{1,2}\.\d{1,3}\.\d{1,4}(?:[.+~_-]\S{0,100})?$/;
const MACHINE =
  /\b(x86_64|aarch64|ppc64(?:le)?|ppc|s390x|ia64|i[3-6]86|armv\w{1,5}|riscv64|mips\w{0,6}|sparc64|alpha|parisc64|loongarch64)\b/;

/** `uname -a`, or `uname -r` where it is told to be that. */
export default defineText({
  title: 'uname',
  docs: 'https://man7.org/linux/man-pages/man1/uname.1.html',
  origin: 'kernel',
  hint: /uname/,
  span: (lines, at, hinted) => Number(ALL.test(lines[at] ?? '') || (hinted && RELEASE.test(lines[at] ?? ''))),
  read: ([line = '']) => {
    const [, host, release = line.trim()] = ALL.exec(line) ?? [];
    const machine = MACHINE.exec(line.slice(line.indexOf('#')))?.[1];
    return oneSample(
      new Map([
        ...(host === undefined ? [] : [['proc/sys/kernel/hostname', `${host}\n`] as const]),
        ['proc/sys/kernel/osrelease', `${release}\n`],
        ...(host === undefined || machine === undefined ? [] : [['proc/sys/kernel/arch', `${machine}\n`] as const]),
      ]),
    );
  },
});
