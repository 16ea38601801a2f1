import { human } from './numbers.js';
import { defineTool, lastOf, MOST_ROWS, notGathered } from './tool.js';

/** Areas in use. Formats: util-linux swapon.c, strutils.c size_to_human_string(). */
export default defineTool({
  place: 40,
  command: 'swapon --show',
  title: 'swap areas',
  table: (snapshot) => {
    const areas = lastOf(snapshot, 'swaps');
    if (!areas) return notGathered(snapshot, 'swaps', 'swapon --show');
    if (areas.length === 0) return { notes: ['No swap is in use: swapon prints nothing.'] };
    return {
      columns: ['NAME', 'TYPE', 'SIZE', 'USED', 'PRIO'],
      rows: areas
        .slice(0, MOST_ROWS)
        .map(({ name, type, size, used, priority }) => [name, type, human(size), human(used), String(priority)]),
      notes: areas.length > MOST_ROWS ? [`${areas.length - MOST_ROWS} more areas are not shown.`] : [],
    };
  },
});
