import { memoryMap } from './chart-data/memory-map.js';
import { numaBars, numaKeys, numaNote } from './chart-data/numa.js';
import { oomFigures } from './chart-data/oom.js';
import { intervalFigures } from './chart-data/one-interval.js';
import { pressureFigures } from './chart-data/pressure.js';
import { cgroupBars, processBars, slabBars, swapBars } from './chart-data/table-bars.js';
import { timeCharts } from './chart-data/over-time.js';
import { drawnZones, freeListMap, watermarkBars } from './chart-data/zones.js';
import type { PageModel } from './model.js';
import type { Report } from './report.js';

/** Every picture of a page, as SVG text; what there is no data for is empty. */
export function picturesOf(report: Report, model: PageModel) {
  const { tables, subject } = report;
  const zones = drawnZones(tables.zones ?? []);
  return {
    memoryMap: model.balance ? memoryMap(model.balance) : '',
    ...pressureFigures(report),
    ...timeCharts(report),
    ...intervalFigures(report),
    zoneNote: zones.note,
    zoneMarks: watermarkBars(zones.shown),
    freeLists: freeListMap(zones.shown, subject.pageSize),
    numaNote: numaNote(tables.numa),
    numa: model.numa.length > 0 ? numaBars(tables.numa) : '',
    numaKeys: numaKeys(tables.numa),
    oom: (report.oom?.moments ?? []).map(oomFigures),
    bars: {
      processes: processBars(tables.processes),
      slab: slabBars(tables.slab),
      cgroups: cgroupBars(tables.cgroups, subject.totalBytes),
      swaps: swapBars(tables.swaps),
    },
  };
}
