import { defineText } from '../kind.js';
import { fileOf, isPath, run } from '../shape.js';

const LINE = /^[0-9a-f]{8,16} (?:default|bind|prefer|interleave|local|weighted interleave)\S{0,200}(?: \S{1,4096}){0,30}$/;

/** /proc/PID/numa_maps of a process that is told. */
export default defineText({
  title: '/proc/PID/numa_maps',
  docs: 'https://man7.org/linux/man-pages/man7/numa.7.html',
  origin: 'kernel',
  hint: /numa_maps/,
  span: (lines, at) => run(lines, at, (line) => LINE.test(line), { elided: true }),
  read: (lines, { told = '' }) => (isPath(told) && told.endsWith('/numa_maps') ? fileOf(told, lines) : []),
});
