import { type Draft, PART, type Reader } from './draft.js';

const FRAMES = 80;
const KEPT = 40;
const BEGINS = /^(?:Call [Tt]race|Backtrace|Stack:|Call Trace:)/;
/** `<IRQ>`, `</TASK>`, and the registers and code after the trace: part of it, but no function. */
const BESIDE =
  /^(?:<\/?[A-Z#]{2,12}>|\[?<[A-Z]{2,5}>|---\[|RIP: |RSP: |R[A-Z0-9]{2}: |R\d\d: |EIP: |E[A-Z]{2}: |Code: |EFLAGS|NIP|LR |CFAR|GPR\d|IRQMASK|(?:pc|lr|sp|ra|gp|tp|a\d|t\d|s\d{1,2}|x\d{1,2}|r\d{1,2}|epc|pstate|psw|PSW|Krnl) ?:|--- interrupt|Exception|Workqueue: |ORIG_RAX|Modules linked|Tainted: |Last Breaking|\(\[<)/;
/** ` [<ffffffff81720bf6>] ? fn+0x45/0x56 [module]`, ` fn (file.c:12)`, s390 `([<…>] fn+0x…`; several on one line in the oldest. */
const FRAME =
  /(?:\(?\[<[0-9a-fx]{1,18}>\] {0,3}|\[[0-9a-f]{8,16}\] {0,3}){0,2}(\? {0,3})?([A-Za-z_.$][\w.$]{1,120})(?:\+0x[0-9a-f]{1,8}\/0x[0-9a-f]{1,8}| \([\w./-]{1,200}:\d{1,6}[^()]{0,400}(?:\([^()]{0,40}\)[^()]{0,400}){0,20}\))(?: \[(\w{1,60})\])?/g;
/** `[<c0150000>] (out_of_memory) from [<c0160000>] (alloc_pages+0x1/0x2)`: 32-bit ARM. */
const ARM = /^(?:\[<[0-9a-f]{8}>\] )?\(?(\w{1,120})(?: \[(\w{1,60})\])?(?:\+0x[0-9a-f]{1,8}\/0x[0-9a-f]{1,8})?\)? from /;

/** An address of 8 digits is one of 32 bits. */
const ADDRESS = /^\(?\[<([0-9a-f]{8}|[0-9a-f]{16})>\]/;

/** A trace through these is that of an OOM, whose first line is missing. */
export const OOM_TRACE = /^ {0,4}(?:\[<[0-9a-f]{8,16}>\] )?(?:dump_header|oom_kill_process)(?:\.\w{1,20})?(?:\+0x|\/| \(mm\/oom_kill)/;

/** The call trace of the report: of the one that stands before the memory, not of what follows. */
export const readCallTrace: Reader = (text, draft) => {
  const line = text.trimStart();
  if (BEGINS.test(line)) {
    if (draft.part > PART.trace) return false;
    draft.traceState = draft.traceState === 'before' ? 'in' : 'after';
    return true;
  }
  if (draft.part > PART.trace) return false;
  if (draft.traceState !== 'after') {
    const address = line.includes('[<') ? ADDRESS.exec(line)?.[1] : undefined;
    if (address !== undefined) draft.bits ??= address.length === 8 ? 32 : 64;
    const arm = ARM.exec(line);
    if (arm) return keep(draft, arm[1] ?? '', arm[2] ?? null, true);
    let any = false;
    if (line.includes('+0x') || /\.[chS]:\d/.test(line))
      for (const [, unsure, name = '', module] of line.matchAll(FRAME)) any = keep(draft, name, module ?? null, unsure === undefined);
    // registers name functions too: `RIP: 0010:fn+0x1/0x2` is where an interrupt struck
    if (any) {
      draft.traceState = 'in';
      return true;
    }
  }
  return BESIDE.test(line);
};

function keep(draft: Draft, name: string, module: string | null, sure: boolean): true {
  if (draft.frames.length < FRAMES) draft.frames.push({ name, module, sure });
  return true;
}

/**
 * The frames to believe, innermost first. A `?` marks what only lay on the stack; where the kernel had no frame pointers
 * it marks nearly every one, and then they are all there is.
 */
export function believedFrames({ frames }: Draft): Draft['frames'] {
  const sure = frames.filter((frame) => frame.sure);
  const told = sure.some(({ name }) => /out_of_memory|oom_kill_process|^dump_header|^warn_alloc|alloc_pages|^show_mem/.test(name));
  return (told || sure.length * 2 >= frames.length ? sure : frames).slice(0, KEPT);
}
