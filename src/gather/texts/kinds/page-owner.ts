import { defineText, oneSample, type TextSample } from '../kind.js';
import { FRAME, holderOf } from '../made/page-stacks.js';
import { ELIDED, run } from '../shape.js';

/** `457823 times:`, `16 times, 16 pages, PID 12:` of tools/mm/page_owner_sort.c. */
const TIMES = /^\s*(\d{1,12}) times(?:, (\d{1,12}) pages)?(?:, [^:]{1,200})?:\s*$/;
/** Begins each page of /sys/kernel/debug/page_owner, and each sum of the sorter. */
const PAGE = /^\s*Page allocated via order (\d{1,2})(?:,|\s|$)/;
/** What stands between that line and its call trace, or after it. */
const BESIDE = /^\s*(?:PFN \S|Charged to|Page has been migrated|free (?:stack|trace))/;
/** page_owner_stacks/show_stacks: pages of a call trace, since 6.9; until 6.11 a number of allocations. */
const SUM = /^\s*(?:nr_base_pages|stack_count): ?(\d{1,12})\s*$/;

/** Who holds each page, as page_owner shows it: whole, sorted and summed, or by call trace. */
export default defineText({
  title: '/sys/kernel/debug/page_owner',
  docs: 'https://docs.kernel.org/mm/page_owner.html',
  origin: 'kernel',
  hint: /page_?owner|show_stacks/,
  span: (lines, at) => {
    const first = lines[at] ?? '';
    // a block is looked at once, from its first line on
    const frame = FRAME.test(first) && !FRAME.test(lines[at - 1] ?? '');
    if (!TIMES.test(first) && !PAGE.test(first) && !frame) return 0;
    const length = run(lines, at, (line) => [TIMES, PAGE, BESIDE, SUM, FRAME].some((form) => form.test(line)) || HEX.test(line), {
      elided: true,
      blanks: 2,
    });
    const part = lines.slice(at, at + length);
    return part.some((line) => SUM.test(line)) || (!frame && part.some((line) => PAGE.test(line))) ? length : 0;
  },
  read,
});

/** The end of a call trace that ran out of names. */
const HEX = /^\s*\[<[0-9a-f]{8,16}>\] 0x[0-9a-f]{8,16}\s*$/;

interface Block {
  times: number;
  pages: number | null;
  order: number;
  frames: { name: string; module: string | undefined }[];
}

function read(lines: readonly string[], { pageSize }: { readonly pageSize: number }): readonly TextSample[] {
  const held = new Map<string, { pages: number; calls: number }>();
  let block: Block | null = null;
  const add = (pages: number, calls: number, { frames }: Block): void => {
    const holder = holderOf(frames);
    const before = held.get(holder) ?? { pages: 0, calls: 0 };
    held.set(holder, { pages: before.pages + pages, calls: before.calls + calls });
  };
  const end = (): void => {
    if (block !== null && block.frames.length > 0 && block.times > 0)
      add(block.pages ?? block.times * 2 ** block.order, block.times, block);
    block = null;
  };
  for (const line of lines) {
    if (line.trim() === '' || ELIDED.test(line)) continue;
    const times = TIMES.exec(line);
    const page = PAGE.exec(line);
    const sum = SUM.exec(line);
    const frame = FRAME.exec(line);
    if (times) {
      end();
      block = { times: Number(times[1]), pages: times[2] === undefined ? null : Number(times[2]), order: 0, frames: [] };
    } else if (page) {
      if (block === null || block.frames.length > 0) {
        end();
        block = { times: 1, pages: null, order: 0, frames: [] };
      }
      block.order = Number(page[1]);
    } else if (sum) {
      if (block !== null && block.frames.length > 0) add(Number(sum[1]), 1, block);
      block = null;
    } else if (frame) {
      block ??= { times: 0, pages: null, order: 0, frames: [] };
      block.frames.push({ name: frame[1] ?? '', module: frame[2] });
    }
  }
  end();
  const rows = [...held].map(([holder, { pages, calls }]) => `${pages * pageSize} ${calls} ${holder}`);
  return rows.length === 0 ? [] : oneSample(new Map([['proc/allocinfo', `${rows.join('\n')}\n`]]));
}
