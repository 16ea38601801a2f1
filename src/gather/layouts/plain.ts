import { defineLayout } from './layout.js';

/** A copy of /proc and what else somebody thought of. */
export default defineLayout({
  title: 'files of a host in their own places',
  docs: 'https://docs.kernel.org/filesystems/proc.html',
  origin: 'directory',
  fits: (names) => (names.has('proc') ? 1 : 0),
  places: { 'etc/os-release': ['usr/lib/os-release'] },
  // files beside proc/
  texts: [['*']],
  logs: ['var/log/dmesg', 'var/log/messages', 'var/log/syslog', 'var/log/kern.log'],
  dates: ['date', 'date.txt'],
});
