import type { Snapshot, SourceId } from '../../gather/snapshot.js';

/** What a tool would have printed: cells are text as the tool prints it, `-` where the snapshot has no figure. */
export interface ToolTable {
  /** Overrides the command of the tool: `pmap -x 812`. */
  readonly command?: string;
  /** Lines above the table; or all there is. */
  readonly lines?: readonly string[];
  readonly columns?: readonly string[];
  /** Heads over several columns, from the left. */
  readonly groups?: readonly { readonly name: string; readonly columns: number }[];
  readonly rows?: readonly (readonly string[])[];
  /** What a reader must know: where the tool itself misleads, what the snapshot lacks. */
  readonly notes?: readonly string[];
}

/** The shape of one file in this folder: one tool as a person would have called it. */
export interface Tool {
  readonly place: number;
  readonly command: string;
  readonly title: string;
  /** Pure; null parts are said by `notGathered`. */
  readonly table: (snapshot: Snapshot) => ToolTable;
}

export const defineTool = (tool: Tool): Tool => tool;

/** Rows of a list, as of processes and slab caches. */
export const MOST_ROWS = 15;
/** The sign for a figure that the snapshot does not have. */
export const NONE = '-';

/** Says that a source is not in the snapshot, and why. */
export function notGathered(snapshot: Snapshot, id: SourceId, command: string, more = ''): ToolTable {
  const fared = snapshot.sources[id];
  const reason = fared === undefined || fared.status === 'ok' ? null : (fared.reason ?? fared.status);
  return { notes: [`Not gathered${reason === null ? '' : ` (${reason})`}: run \`${command}\`${more}.`] };
}

/** The last reading of a source. */
export const lastOf = <Id extends SourceId>(snapshot: Snapshot, id: Id): Snapshot['samples'][number]['sources'][Id] | undefined =>
  snapshot.samples.findLast((sample) => sample.sources[id] !== undefined)?.sources[id];
