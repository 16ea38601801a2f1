/** Kernel files made from what tools printed, as the kernel would have written them. Pure. */

/** Values by the kernel's name; null and undefined: not known, left out. */
export type Values = Readonly<Record<string, number | null | undefined>>;

const known = (values: Values): [string, number][] =>
  Object.entries(values).flatMap(([name, value]) =>
    typeof value === 'number' && Number.isFinite(value) && value >= 0
      ? [[name, Math.min(value, Number.MAX_SAFE_INTEGER)] as [string, number]]
      : [],
  );

/** /proc/meminfo or the sizes in /proc/PID/status, from bytes; HugePages_* are counts. Null when no value is known. */
export function meminfoText(bytes: Values, prefix = ''): string | null {
  const lines = known(bytes).map(([name, value]) =>
    name.startsWith('HugePages_') ? `${prefix}${name}: ${Math.round(value)}` : `${prefix}${name}: ${Math.round(value / 1024)} kB`,
  );
  return lines.length === 0 ? null : `${lines.join('\n')}\n`;
}

/** /proc/vmstat, a numastat, from counts. Null when no value is known. */
export function countersText(counts: Values): string | null {
  const lines = known(counts).map(([name, value]) => `${name} ${Math.round(value)}`);
  return lines.length === 0 ? null : `${lines.join('\n')}\n`;
}

/** One cache as slabtop and vmstat -m tell it. */
export interface SlabRow {
  readonly name: string;
  readonly active: number;
  readonly objects: number;
  /** Bytes of an object. */
  readonly size: number;
  readonly objectsPerSlab: number;
  readonly pagesPerSlab: number;
  readonly slabs: number;
}

/** /proc/slabinfo 2.1. */
export function slabinfoText(rows: readonly SlabRow[]): string {
  const lines = rows.map(
    ({ name, active, objects, size, objectsPerSlab, pagesPerSlab, slabs }) =>
      `${name} ${active} ${objects} ${size} ${objectsPerSlab} ${pagesPerSlab} : tunables 0 0 0 : slabdata ${slabs} ${slabs} 0`,
  );
  return ['slabinfo - version: 2.1', ...lines, ''].join('\n');
}

export interface SwapRow {
  readonly name: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes. */
  readonly used: number;
  readonly priority: number;
}

/** /proc/swaps. */
export function swapsText(rows: readonly SwapRow[]): string {
  const lines = rows.map(
    ({ name, type, size, used, priority }) => `${name} ${type} ${Math.round(size / 1024)} ${Math.round(used / 1024)} ${priority}`,
  );
  return ['Filename Type Size Used Priority', ...lines, ''].join('\n');
}

/** A map of the files that could be made. */
export const filesFrom = (files: Readonly<Record<string, string | null>>): Map<string, string> =>
  new Map(Object.entries(files).flatMap(([path, text]) => (text === null ? [] : [[path, text] as const])));
