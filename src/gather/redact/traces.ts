import { traces } from '../traces/index.js';
import type { Names } from './names.js';
import { pathName } from './paths.js';
import type { Policy } from './policies.js';
import { family } from './processes.js';
import { redactText } from './text.js';
import { isVocabulary } from './vocabulary.js';

/** The traces whose stacks are of the kernel alone, as far as no entry into it is seen in them. */
const KERNEL_STACKS: ReadonlySet<string> = new Set(['reclaim', 'page-allocations', 'compaction', 'slab', 'dirty-throttling']);

const keep: Policy = (text) => text;
const program: Policy = (text, names) => family(text, names);
const path: Policy = (text, names) => pathName(text, names);
/** What is a word of the kernel's or a number stays; anything else is free text. */
const like =
  (pattern: RegExp): Policy =>
  (text, names, kept) =>
    pattern.test(text) ? text : redactText(text, names, kept);

/** By the name of the member, in the rows of any trace. */
const MEMBERS: Readonly<Record<string, Policy>> = {
  comm: program,
  file: path,
  caller: keep,
  site: keep,
  cache: keep,
  event: keep,
  shrinker: keep,
  reason: keep,
  call: like(/^(?:shm(?:get|at|dt|ctl)|IPC_\w{1,20}|[\s(),]){1,8}$/),
  advice: like(/^(?:MADV_)?(?:NO)?(?:HUGEPAGE|COLLAPSE)$/i),
  device: like(/^\d{1,10}:\d{1,10}$/),
  address: like(/^(?:0x)?[0-9a-f]{1,16}$/i),
};

/** How the texts of traces are replaced, by their place. */
export const TRACE_POLICIES: readonly (readonly [string, Policy])[] = Object.entries(traces).flatMap(([id, { row }]) => [
  ...Object.keys(row.properties).flatMap((member): [string, Policy][] => {
    const policy = Object.hasOwn(MEMBERS, member) ? MEMBERS[member] : undefined;
    return policy ? [[`traces.${id}.rows[].${member}`, policy]] : [];
  }),
  [`traces.${id}.probes[]`, probe] as const,
  [`traces.${id}.stacks[].stack`, (text: string, names: Names) => stackOf(text, names, KERNEL_STACKS.has(id))] as const,
]);

/** Events and functions of the kernel stay; a probe of a library has a path. */
function probe(text: string, names: Names, kept: ReadonlySet<string>): string {
  return text.includes('/') ? redactText(text, names, kept) : text;
}

/** Where the kernel is entered, on x86 and arm64, and where its threads begin: what comes after is its own. */
const ENTRY = /^(?:entry_(?:SYSCALL|SYSENTER|INT80)|asm_(?:exc|sysvec|common)_|ret_from_fork|el0t?_|error_entry$|page_fault$)/;

/** The process is the first frame; then the program's own, then the kernel's. */
function stackOf(text: string, names: Names, kernelsAlone: boolean): string {
  const [comm = '', ...frames] = text.split(';');
  const entry = frames.findIndex((frame) => ENTRY.test(frame));
  const kernels = entry >= 0 ? entry : kernelsAlone ? 0 : frames.length;
  return [family(comm, names), ...frames.map((frame, at) => (at < kernels ? functionName(frame, names) : frame))].join(';');
}

/** A function whose name is made of common words stays, and so does an address: they are those of libraries and of the kernel. */
function functionName(frame: string, names: Names): string {
  if (/^(?:0x)?[0-9a-f]{1,16}$|^\[?unknown\]?$/i.test(frame)) return frame;
  const words = frame.split(/[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])/).filter((word) => word !== '' && !/^\d{1,4}$/.test(word));
  return words.every((word) => isVocabulary(word)) ? frame : names.of('words', frame, (number) => `function-${number}`);
}
