import { count, type Infer, list, row, seconds, text } from '../../json-schema.js';
import { countIn, grouped, present } from '../files.js';
import { defineSource } from '../source.js';

const dimm = row(
  { name: text('dimm0; rank0 where the controller knows no more; csrow0/ch1 of older drivers'), ce: count('corrected errors') },
  { label: text('on the board, when somebody has told the kernel'), ue: count('errors that were not corrected'), location: text() },
);
const controller = row(
  { controller: text('mc0'), ce: count('corrected errors'), ue: count('errors that were not corrected'), dimms: list(dimm) },
  {
    name: text('driver and device'),
    ceUnplaced: count('corrected errors that belong to no module'),
    ueUnplaced: count('errors that were not corrected and belong to no module'),
    sinceReset: seconds('since the counters were reset'),
  },
);

const MC = 'sys/devices/system/edac/mc/mc*';
const COUNTERS = ['mc_name', 'ce_count', 'ue_count', 'ce_noinfo_count', 'ue_noinfo_count', 'seconds_since_reset'];
const MODULE = ['dimm_label', 'dimm_location', 'dimm_ce_count', 'dimm_ue_count'];
const CHANNEL = ['ch*_dimm_label', 'ch*_ce_count'];

/** Errors of the memory modules since boot, by memory controller. */
export default defineSource({
  title: '/sys/devices/system/edac/mc',
  docs: 'https://docs.kernel.org/admin-guide/ras.html',
  reads: [
    ...COUNTERS.map((name) => `${MC}/${name}`),
    ...['dimm*', 'rank*'].flatMap((place) => MODULE.map((name) => `${MC}/${place}/${name}`)),
    ...CHANNEL.map((name) => `${MC}/csrow*/${name}`),
  ],
  cadence: 'full',
  schema: list(controller),
  parseFiles: (files) => [...grouped(files, /\/mc\/(mc\d{1,9})\/(\S+)$/)].map(([name, group]) => parseController(name, group)),
});

function parseController(id: string, group: ReadonlyMap<string, string>): Infer<typeof controller> {
  const modules = modulesOf(group);
  const sum = (field: 'ce' | 'ue'): number => modules.reduce((all, each) => all + (each[field] ?? 0), 0);
  const name = group.get('mc_name');
  return {
    controller: id,
    ce: countIn(group, 'ce_count') ?? sum('ce'),
    ue: countIn(group, 'ue_count') ?? sum('ue'),
    dimms: modules,
    ...(name === undefined ? {} : { name }),
    ...present({
      ceUnplaced: countIn(group, 'ce_noinfo_count'),
      ueUnplaced: countIn(group, 'ue_noinfo_count'),
      sinceReset: countIn(group, 'seconds_since_reset'),
    }),
  };
}

/** The modules; the channels of chip-select rows, the older view of the same, only where there are none. */
function modulesOf(group: ReadonlyMap<string, string>): Infer<typeof dimm>[] {
  const parts = grouped(group, /^((?:dimm|rank)\d{1,9})\/(\w+)$/);
  if (parts.size > 0)
    return [...parts].map(([name, files]) => ({
      name,
      ce: countIn(files, 'dimm_ce_count') ?? 0,
      ...present({ label: files.get('dimm_label'), location: files.get('dimm_location'), ue: countIn(files, 'dimm_ue_count') }),
    }));
  const channels = grouped(group, /^(csrow\d{1,9}\/ch\d{1,9})_(\w+)$/);
  return [...channels].map(([name, files]) => ({
    name,
    ce: countIn(files, 'ce_count') ?? 0,
    ...present({ label: files.get('dimm_label') }),
  }));
}
