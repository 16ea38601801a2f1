import { expect, test } from 'vitest';
import fileFaults from '../src/gather/traces/file-faults.js';
import swapIn from '../src/gather/traces/swap-in.js';
import { admitted, tooDear } from '../src/gather/tracing/rates.js';
import pageFaults from '../src/gather/traces/page-faults.js';
import { memoryTree } from './memory-tree.js';

/** A file that is mapped, one that is open, one that nobody has any more, metadata of a disk, and one on a file system that is not mounted here. */
test('files are named by what processes have mapped or open, else by where they lie', async () => {
  const stat = (pid: number, name: string): string =>
    `${pid} (${name}) S 1 1 1 0 -1 4194304 1 0 1 0 1 1 0 0 20 0 1 0 5000 104857600 2000 18446744073709551615\n`;
  const tree = memoryTree(
    new Map([
      ['proc/self/mountinfo', '22 1 254:16 / / rw - ext4 /dev/vdb rw\n23 22 254:16 /var /mnt rw - ext4 /dev/vdb rw\n'],
      ['proc/41/stat', stat(41, 'searchd')],
      ['proc/41/statm', '9000 4000 900 20 0 3000 0\n'],
      ['proc/41/maps', '7f1000000000-7f1000100000 r--s 00000000 fe:10 77                         /data/index (deleted)\n'],
      ['proc/42/stat', stat(42, 'logger')],
      ['proc/42/statm', '8000 3000 900 20 0 3000 0\n'],
      ['proc/42/mountinfo', '31 1 254:16 / / rw - ext4 /dev/vdb rw\n'],
      ['proc/42/fd.links', '0 /dev/null\n7 /var/log/big file\n'],
      ['proc/42/fdinfo/7', 'pos:\t0\nflags:\t0100001\nmnt_id:\t31\nino:\t78\n'],
    ]),
  );
  const row = (inode: number, device = '254:16') => ({
    file: `inode ${inode} of device ${device}`,
    comm: 'searchd',
    pages: 1,
    device,
    inode,
  });
  const found = await fileFaults.resolve?.(tree, [row(77), row(78), row(79), row(254 * 2 ** 20 + 16, '0:3'), row(5, '0:99')]);
  expect(found?.rows.map(({ file }) => file)).toEqual([
    '/data/index (deleted)',
    '/var/log/big file',
    'inode 79 on /',
    'block device 254:16: its metadata',
    'inode 5 of device 0:99',
  ]);
  expect(found?.notes).toEqual(['the path of an inode is told by: find / -xdev -inum 79']);
});

test('nobody reads back from swap where there is none', async () => {
  const rows = [{ comm: 'a', pid: 1, pages: 3 }];
  const swaps = 'Filename Type Size Used Priority\n';
  expect((await swapIn.resolve?.(memoryTree(new Map([['proc/swaps', swaps]])), rows))?.rows).toEqual([]);
  expect((await swapIn.resolve?.(memoryTree(new Map([['proc/swaps', `${swaps}/dev/vdb partition 1 1 -2\n`]])), rows))?.rows).toEqual(rows);
});

test('page faults are never taken one by one, and a form that has to is refused when there are too many', () => {
  const rates = (faults: number) => ({ cpus: 2, perSecond: () => faults });
  expect(admitted(pageFaults, rates(100))).toEqual({ period: pageFaults.leastPeriod });
  expect(admitted(pageFaults, rates(1_000_000))).toEqual({ period: 500 });
  const each = pageFaults.forms.find(({ backend }) => backend === 'tracefs');
  if (each === undefined) throw new Error('there is none by tracefs');
  expect(tooDear(each, rates(1000))).toBeNull();
  expect(tooDear(each, rates(500_000))).toMatch(/would cost some 13 % of all CPU time/);
  expect(tooDear(each, null)).toMatch(/could not be measured/);
});
