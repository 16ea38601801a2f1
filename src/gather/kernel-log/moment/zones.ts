import type { Moment } from '../schema.js';
import { type Draft, PART, type Reader, type ZoneDraft } from './draft.js';
import { readSizes, unreclaimableOf } from './mem-info.js';

/** More than any host has: 1024 nodes with a zone or two each would. */
const ZONES = 512;
/** `Node 0 DMA free:…kB min:…`; with one node, and before NUMA, without it. */
const ZONE = /^(?:Node (\d{1,4}) )?([A-Z][A-Za-z0-9]{1,15}) free:\d{1,15}kB/;
/** In pages; 2.6.9 calls it protections. */
const RESERVES = /^(?:lowmem_reserve|protections)\[\]: ?((?:\d{1,12} {0,3}){1,8})/;

/** The zone lines and the reserves that follow each. */
export const readZones: Reader = (text, draft) => {
  const match = ZONE.exec(text);
  if (match) {
    const values: Record<string, number> = {};
    readSizes(text, values);
    const unreclaimable = unreclaimableOf(text);
    const zone: ZoneDraft = { node: Number(match[1] ?? 0), zone: match[2] ?? '', values, reservePages: [] };
    if (unreclaimable !== null) zone.unreclaimable = unreclaimable;
    if (draft.zones.length < ZONES) draft.zones.push(zone);
    draft.open = values;
    draft.part = PART.zones;
    return true;
  }
  const reserves = RESERVES.exec(text)?.[1];
  if (reserves === undefined) return false;
  const zone = draft.zones.at(-1);
  if (zone) zone.reservePages = reserves.trim().split(/ +/).map(Number);
  draft.open = null;
  return true;
};

/** True when the line is that of a zone that the report has already: another report has begun. */
export function repeatsZone(text: string, { zones }: Draft): boolean {
  const match = ZONE.exec(text);
  return match !== null && zones.some((zone) => zone.zone === match[2] && zone.node === Number(match[1] ?? 0));
}

/** The zones whose watermarks the log shows. */
export function zonesOf({ zones }: Draft, pageSize: number): Moment['zones'] {
  return zones.flatMap(({ node, zone, values, reservePages, unreclaimable, freeLists }) => {
    const { free, min, low, high, boost, present, managed, ...others } = values;
    if (free === undefined || min === undefined || low === undefined || high === undefined) return [];
    return [
      {
        node,
        zone,
        free,
        min,
        low,
        high,
        ...(boost === undefined ? {} : { boost }),
        ...(present === undefined ? {} : { present }),
        ...(managed === undefined ? {} : { managed }),
        ...(unreclaimable === undefined ? {} : { unreclaimable }),
        values: others,
        ...(reservePages.length > 0 ? { reserves: reservePages.map((pages) => pages * pageSize) } : {}),
        ...(freeLists === undefined ? {} : { freeLists }),
      },
    ];
  });
}
