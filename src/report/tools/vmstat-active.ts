import { defineTool } from './tool.js';
import { vmstatTable } from './vmstat-columns.js';

/** KiB; swap and blocks in KiB/s. */
export default defineTool({
  place: 20,
  command: 'vmstat -a 1',
  title: 'the same with inactive and active memory',
  table: (snapshot) => vmstatTable(snapshot, ['inact', 'active'], (meminfo) => [meminfo['Inactive'], meminfo['Active']]),
});
