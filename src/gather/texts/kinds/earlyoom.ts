import { defineText, oneSample } from '../kind.js';
import { isOfEarlyoom, meminfoOfEarlyoom } from '../made/earlyoom.js';
import { filesFrom } from '../made/files.js';
import { run } from '../shape.js';

/** What earlyoom measured, again and again: the last of it counts. */
export default defineText({
  title: 'earlyoom',
  docs: 'https://github.com/rfjakob/earlyoom',
  origin: 'tool',
  span: (lines, at) => run(lines, at, isOfEarlyoom),
  read: (lines) => oneSample(filesFrom({ 'proc/meminfo': meminfoOfEarlyoom(lines) })),
});
