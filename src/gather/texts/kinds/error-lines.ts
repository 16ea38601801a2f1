import { defineText } from '../kind.js';
import { errorLineOf } from '../errors-of-programs.js';
import { fileOf, run } from '../shape.js';

/** Messages of programs that were refused memory: `-bash: fork: Cannot allocate memory`. */
export default defineText({
  title: 'error message',
  docs: 'https://man7.org/linux/man-pages/man3/errno.3.html',
  origin: 'tool',
  span: (lines, at) => run(lines, at, (line) => errorLineOf(line) !== null),
  read: (lines) => fileOf('errors.txt', lines),
});
