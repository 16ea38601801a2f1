import { defineText, oneSample } from '../kind.js';
import { run, ungrouped } from '../shape.js';

const LINE = /^\s*Node\s+(\d{1,5})\s+([A-Z][\w()]{1,40}):\s+(\d[\d,]{0,24})(?: (kB))?\s*$/;

/** meminfo of NUMA nodes. */
export default defineText({
  title: '/sys/devices/system/node/node*/meminfo',
  docs: 'https://docs.kernel.org/admin-guide/abi-stable.html',
  origin: 'kernel',
  span: (lines, at) => run(lines, at, (line) => LINE.test(line), { elided: true, blanks: 1 }),
  read: (lines) => {
    const nodes = new Map<string, string>();
    for (const line of lines) {
      const [, node = '', name = '', digits = '', unit] = LINE.exec(line) ?? [];
      const value = ungrouped(digits);
      if (value === null) continue;
      const path = `sys/devices/system/node/node${node}/meminfo`;
      nodes.set(path, `${nodes.get(path) ?? ''}Node ${node} ${name}: ${value}${unit ? ' kB' : ''}\n`);
    }
    return oneSample(nodes);
  },
});
