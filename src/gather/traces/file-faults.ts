import { count, type Infer, row, text } from '../../json-schema.js';
import { splitKey } from '../tracing/bpftrace-output.js';
import { deviceOf, fileKey, fileNames, mountsOf } from '../tracing/file-names.js';
import { filesOf, statsOf } from '../tracing/processes.js';
import { pageSizeOf } from '../tracing/readings.js';
import { defineTrace, type BpfForm, type ProcForm, type Rates } from '../tracing/trace.js';
import type { Tree } from '../tree.js';

const ADDED = 'filemap:mm_filemap_add_to_page_cache';
const NAME = 'vma->vm_file->f_path.dentry->d_name.name';
const FAULTS = 'page faults in mapped files, minor ones too, by the last part of the name: not what is read with read()';

const shape = row(
  {
    file: text('its path, where a process has it open or mapped; else its inode, and the mount'),
    comm: text('that put the pages into the page cache'),
    pages: count('added to the page cache'),
  },
  { device: text('major:minor'), inode: count() },
);
type Row = Infer<typeof shape>;

/** Which files fill the page cache, for whom: those that are read again and again are the ones that do not fit. */
export default defineTrace({
  title: 'Files behind the page cache',
  answers: 'Which files are read into the page cache, and by whom?',
  docs: 'https://github.com/torvalds/linux/blob/v6.12/include/trace/events/filemap.h',
  tools: ['ffaults', 'cachetop', 'filelife'],
  byDefault: true,
  // kibibytes read; pages of files that are made anew come on top: they are part of what is written
  rate: ({ perSecond }) => {
    const [read, written] = [perSecond('pgpgin'), perSecond('nr_dirtied')];
    return read === null ? null : read / 4 + (written ?? 0);
  },
  cost: 1,
  row: shape,
  order: ({ pages }) => pages,
  resolve: named,
  forms: [
    {
      backend: 'tracepoint',
      needs: [`${ADDED}#s_dev`, `${ADDED}#i_ino`],
      program: ({ kernel, pid }) => {
        const own = pid === null ? '' : ` /pid == ${pid}/`;
        const pages = kernel.fields(ADDED)?.includes('order') === true ? 'sum((uint64)1 << args->order)' : 'count()';
        return `tracepoint:${ADDED}${own} { @file_faults_pages[args->s_dev, args->i_ino, comm] = ${pages}; }`;
      },
      read: (output) => ({
        rows: (output.maps.get('file_faults_pages') ?? []).flatMap(({ key, value }) => {
          const parts = splitKey(key, 2);
          return parts === null ? [] : [numbered(parts.numbers[0], parts.numbers[1], parts.rest, value)];
        }),
      }),
    },
    byName('kfunc', 'args->vma->', 'fentry'),
    byName('kprobe', '((struct vm_area_struct *)arg0)->', 'kprobe'),
    {
      backend: 'tracefs',
      needs: [`${ADDED}#s_dev`, `${ADDED}#i_ino`],
      loss: 'what was added as one large folio counts as one page',
      triggers: () => ({ added: { event: ADDED, hist: 'keys=s_dev,i_ino,common_pid.execname:vals=hitcount:size=8192' } }),
      read: ({ added }) => {
        const rows = new Map<string, Row>();
        for (const { keys, values } of added?.rows ?? []) {
          const one = numbered(Number(keys['s_dev']), Number(keys['i_ino']), keys['common_pid'] ?? '', values['hitcount'] ?? 0);
          const key = `${one.file} ${one.comm}`;
          rows.set(key, { ...one, pages: one.pages + (rows.get(key)?.pages ?? 0) });
        }
        return { rows: [...rows.values()] };
      },
    },
    {
      backend: 'perf-stat',
      needs: [ADDED],
      loss: 'counted for the whole host: neither by file nor by process',
      events: () => [ADDED],
      read: (counts) => ({ rows: [], totals: { added: counts.get(ADDED) ?? 0 } }),
    },
    {
      backend: 'proc',
      needs: ['file:proc/self/io'],
      loss: 'what each process read from disks, in pages; not which files',
      reading: async (tree, setting) => {
        const [stats, io, pageSize] = [await statsOf(tree, setting), await filesOf(tree, 'io', setting), await pageSizeOf(tree)];
        return new Map(
          [...stats].flatMap(([pid, { name, startTicks }]): [number, Taken][] => {
            const read = /^read_bytes: (\d{1,18})$/m.exec(io.get(pid) ?? '')?.[1];
            return read === undefined ? [] : [[pid, { name, startTicks, pages: Number(read) / pageSize }]];
          }),
        );
      },
      read: (before, after) => ({
        rows: [...after].flatMap(([pid, { name, startTicks, pages }]): Row[] => {
          const first = before.get(pid);
          const rise = first !== undefined && first.startTicks === startTicks ? Math.round(pages - first.pages) : 0;
          return rise > 0 ? [{ file: 'not known this way', comm: name, pages: rise }] : [];
        }),
      }),
    } satisfies ProcForm<Row, ReadonlyMap<number, Taken>>,
  ],
});

interface Taken {
  readonly name: string;
  readonly startTicks: number;
  readonly pages: number;
}

function numbered(dev = 0, inode = 0, comm: string, pages: number): Row {
  const device = Number.isSafeInteger(dev) && dev >= 0 ? deviceOf(dev) : '0:0';
  const number = Number.isFinite(inode) && inode >= 0 ? inode : 0;
  return { file: `inode ${number} of device ${device}`, comm, pages: Math.max(0, pages), device, inode: number };
}

/** Faults of no file, which are most of them, have no vm_file: without the condition they would all stand under an empty name. */
function byName(probe: string, vma: string, backend: 'fentry' | 'kprobe'): BpfForm<Row> {
  const file = `${vma}vm_file`;
  return {
    backend,
    needs: ['function:handle_mm_fault', 'file:sys/kernel/btf/vmlinux'],
    rate: ({ perSecond }: Rates) => perSecond('pgfault'),
    cost: 0.6,
    loss: FAULTS,
    program: ({ pid }) =>
      `${probe}:handle_mm_fault /${pid === null ? '' : `pid == ${pid} && `}${file} != 0/ { @file_faults_named[comm, str(${vma}${NAME.slice('vma->'.length)})] = count(); }`,
    read: (output) => ({
      rows: (output.maps.get('file_faults_named') ?? []).map(({ key, value }) => {
        const comma = key.indexOf(',');
        return { file: key.slice(comma + 1), comm: key.slice(0, Math.max(comma, 0)), pages: Math.max(0, value) };
      }),
    }),
  };
}

/** Paths instead of numbers. What no process has open any more is found by its inode, on the file system where it lies. */
async function named(tree: Tree, rows: readonly Row[]): Promise<{ rows: Row[]; notes: string[] }> {
  const known = rows.flatMap(({ device, inode }) => (device === undefined || inode === undefined ? [] : [fileKey(device, inode)]));
  const paths =
    known.length === 0 ? new Map<string, string>() : await fileNames(tree, new Set(known), new Set(rows.map(({ comm }) => comm)));
  const { places } = await mountsOf(tree, 'self');
  const searches = new Set<string>();
  const told = rows.map((each): Row => {
    const { device, inode } = each;
    if (device === undefined || inode === undefined) return each;
    const path = paths.get(fileKey(device, inode));
    if (path !== undefined) return { ...each, file: path };
    const place = places.get(device);
    if (place !== undefined) searches.add(`find ${place} -xdev -inum ${inode}`);
    // the inode of a block device is its number, on a file system of the kernel's own that is not mounted
    if (place === undefined && device.startsWith('0:') && inode >= 2 ** 20)
      return { ...each, file: `block device ${deviceOf(inode)}: its metadata` };
    return place === undefined ? each : { ...each, file: `inode ${inode} on ${place}` };
  });
  const [first] = searches;
  return { rows: told, notes: first === undefined ? [] : [`the path of an inode is told by: ${first}`] };
}
