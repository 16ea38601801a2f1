import { shownNodes } from './nodes.js';
import { whole } from './numbers.js';
import { defineTool, lastOf, notGathered } from './tool.js';

const ROWS = ['numa_hit', 'numa_miss', 'numa_foreign', 'interleave_hit', 'local_node', 'other_node'];

/** Pages allocated since boot, by node. */
export default defineTool({
  place: 100,
  command: 'numastat',
  title: 'allocations by node since boot (pages)',
  table: (snapshot) => {
    const all = (lastOf(snapshot, 'node') ?? []).filter(({ numastat }) => Object.keys(numastat).length > 0);
    if (all.length === 0) return notGathered(snapshot, 'node', 'numastat');
    const { shown, notes } = shownNodes(all);
    return {
      columns: ['', ...shown.map(({ node }) => `node${node}`)],
      rows: ROWS.map((name) => [name, ...shown.map(({ numastat }) => whole(numastat[name]))]),
      notes: [
        'numa_miss and numa_foreign are the same allocations seen from the node that served and the node that was wanted: do not add them.',
        ...notes,
      ],
    };
  },
});
