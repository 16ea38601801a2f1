/** The limits of a process that are set, in bytes; a limit that is not set is missing. */
export interface ProcessLimits {
  readonly addressSpace?: number;
  readonly data?: number;
  readonly locked?: number;
  readonly resident?: number;
  readonly openFiles?: number;
}

const NAMES: Readonly<Record<string, keyof ProcessLimits>> = {
  'address space': 'addressSpace',
  'data size': 'data',
  'locked memory': 'locked',
  'resident set': 'resident',
  'open files': 'openFiles',
};

/** The soft limits in /proc/PID/limits. */
export const parseLimits = (text: string): ProcessLimits =>
  Object.fromEntries(
    [...text.matchAll(/^Max ([a-z]{1,10} [a-z]{1,10})[ \t]+(\d{1,20})[ \t]/gm)].flatMap(([, name = '', soft = '']) => {
      const member = NAMES[name];
      // a limit as large as all addresses is none
      return member === undefined || Number(soft) >= 2 ** 62 ? [] : [[member, Number(soft)] as const];
    }),
  );
