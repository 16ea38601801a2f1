import { sum } from './numbers.js';
import { defineTool } from './tool.js';
import { vmstatTable } from './vmstat-columns.js';

/** KiB; swap and blocks in KiB/s. */
export default defineTool({
  place: 10,
  command: 'vmstat 1',
  title: 'memory, swap, blocks and CPU by interval (KiB, KiB/s)',
  table: (snapshot) =>
    vmstatTable(snapshot, ['buff', 'cache'], (meminfo) => [
      meminfo['Buffers'],
      // kernels before 2.6.19 do not tell reclaimable slab apart
      sum(meminfo['Cached'], meminfo['SReclaimable'] ?? 0),
    ]),
});
