import { defineText } from '../kind.js';
import { fileOf, run } from '../shape.js';

const LINE = /^[A-Z][A-Z0-9_]{1,60}=.{0,400}$/;

/** /etc/os-release. */
export default defineText({
  title: '/etc/os-release',
  docs: 'https://www.freedesktop.org/software/systemd/man/latest/os-release.html',
  origin: 'kernel',
  hint: /os-release/,
  span: (lines, at) => {
    const length = run(lines, at, (line) => LINE.test(line));
    return length >= 2 && lines.slice(at, at + length).some((line) => /^(?:ID|PRETTY_NAME|VERSION_ID)=/.test(line)) ? length : 0;
  },
  read: (lines) => fileOf('etc/os-release', lines),
});
