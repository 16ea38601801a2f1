import { count, list, row } from '../../json-schema.js';
import { countIn, grouped, present } from '../files.js';
import { defineSource } from '../source.js';

const NAMES = ['total', 'ignored', 'failed', 'delayed', 'recovered', 'soft_offline'] as const;

/** Pages with hardware errors since boot, by what became of them (kernel 6.4 and later). */
export default defineSource({
  title: '/sys/devices/system/node/node*/memory_failure',
  docs: 'https://docs.kernel.org/admin-guide/abi-testing.html',
  reads: NAMES.map((name) => `sys/devices/system/node/node*/memory_failure/${name}`),
  cadence: 'full',
  schema: list(
    row(
      {
        node: count('number of the node'),
        total: count('poisoned pages'),
        ignored: count('nothing was done: the kernel’s own, or not in use'),
        failed: count('could not be taken out of use'),
        delayed: count('will be dealt with at the next use'),
        recovered: count('taken out of use, nothing lost'),
      },
      { softOffline: count('taken out of use ahead of an error') },
    ),
    'by number',
  ),
  parseFiles: (files) =>
    [...grouped(files, /\/node(\d{1,9})\/memory_failure\/(\w+)$/)]
      .map(([node, group]) => ({
        node: Number(node),
        total: countIn(group, 'total') ?? 0,
        ignored: countIn(group, 'ignored') ?? 0,
        failed: countIn(group, 'failed') ?? 0,
        delayed: countIn(group, 'delayed') ?? 0,
        recovered: countIn(group, 'recovered') ?? 0,
        ...present({ softOffline: countIn(group, 'soft_offline') }),
      }))
      .sort((a, b) => a.node - b.node),
});
