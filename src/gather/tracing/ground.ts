import type { TraceHost } from './host.js';
import type { AnyForm, Backend, TraceKernel } from './trace.js';

/** What stands here for and against each means of tracing. */
export interface Ground {
  /** Where tracefs is mounted; null when it is not. */
  readonly tracefs: string | null;
  readonly kernel: TraceKernel;
  /** The program of a means: `/usr/bin/bpftrace`. */
  readonly command: (tool: 'bpftrace' | 'perf') => string | null;
  /** Why this form cannot be used here; null when nothing is known against it. */
  readonly against: (form: AnyForm) => string | null;
}

/** The state of the host's memory, as far as a tracer's own needs go. */
export interface Room {
  readonly availableBytes: number | null;
  /** PSI memory full, avg10, in percent. */
  readonly psiFull: number | null;
}

const TRACEFS = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];
/** bpftrace compiles with LLVM and takes about 150 MiB: a host that has less would pay with reclaim for being looked at. */
const LEAST_AVAILABLE = 200 * 1_048_576;
const MOST_PSI_FULL = 40;
/** Bits of CapEff (include/uapi/linux/capability.h). */
const CAP_SYS_ADMIN = 21n;

const TOOL: Readonly<Record<Backend, 'bpftrace' | 'perf' | 'tracefs' | 'proc'>> = {
  tracepoint: 'bpftrace',
  fentry: 'bpftrace',
  kprobe: 'bpftrace',
  usdt: 'bpftrace',
  software: 'bpftrace',
  hardware: 'bpftrace',
  tracefs: 'tracefs',
  'perf-record': 'perf',
  'perf-stat': 'perf',
  proc: 'proc',
};

/** Looks at what the host allows; cheap, files of the kernel only. */
export function groundOf(host: TraceHost, room: Room): Ground {
  const tracefs = TRACEFS.find((path) => host.exists(`${path}/events`)) ?? null;
  const commands = { bpftrace: host.which('bpftrace'), perf: host.which('perf') };
  const formats = new Map<string, string>();
  const format = (event: string): string => {
    const [category = '', name = ''] = event.split(':');
    if (tracefs === null || !/^[\w-]+$/.test(category) || !/^[\w-]+$/.test(name)) return '';
    const known = formats.get(event) ?? host.readText(`${tracefs}/events/${category}/${name}/format`) ?? '';
    formats.set(event, known);
    return known;
  };
  let functions: ReadonlySet<string> | null = null;
  const kernel: TraceKernel = {
    format,
    fields: (event) => (format(event) === '' ? null : fieldsOf(format(event))),
    usdt: (probe) => libraryWith(probe, host),
    traceable: (name) => (functions ??= functionsOf(host, tracefs)).has(name),
  };
  let listed: boolean | null = null;
  const listsFunctions = (): boolean => (listed ??= (host.readText(`${tracefs ?? ''}/available_filter_functions`) ?? '') !== '');
  const denied = denial(host);
  const crowded = crowding(room);

  function against(form: AnyForm): string | null {
    const tool = TOOL[form.backend];
    if (tool !== 'proc') {
      if (denied !== null) return denied;
      if (tool !== 'tracefs') {
        if (commands[tool] === null) return `${tool} is not installed`;
        if (crowded !== null) return crowded;
      }
      if (tracefs === null && (tool === 'tracefs' || form.needs.some(isEvent)))
        return 'tracefs is not mounted (mount -t tracefs nodev /sys/kernel/tracing)';
    }
    if (form.backend === 'fentry' && !host.exists('/sys/kernel/btf/vmlinux')) return 'the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)';
    // bpftrace looks there for what it can attach to, and offers no fentry where it may not
    if (form.backend === 'fentry' && !listsFunctions()) return `${tracefs ?? 'tracefs'}/available_filter_functions cannot be read`;
    if (form.backend === 'kprobe' && !host.exists(`${tracefs ?? ''}/kprobe_events`))
      return 'the kernel has no kprobes (CONFIG_KPROBE_EVENTS)';
    const missing = form.needs.find((need) => !met(need, kernel, host));
    if (missing !== undefined) return lacking(missing);
    const event = form.needs.find(isEvent);
    if (form.backend === 'tracefs' && event !== undefined && !host.exists(`${tracefs ?? ''}/events/${withSlash(event)}/hist`))
      return 'the kernel has no histogram triggers (CONFIG_HIST_TRIGGERS)';
    return null;
  }
  return { tracefs, kernel, command: (tool) => commands[tool], against };
}

/** `vmscan:mm_vmscan_wakeup_kswapd#nid` as a path below events/. */
export const withSlash = (event: string): string => (event.split('#')[0] ?? event).replace(':', '/');

const isEvent = (need: string): boolean => !/^(?:function|file|usdt):/.test(need);

function met(need: string, kernel: TraceKernel, host: TraceHost): boolean {
  if (need.startsWith('function:')) return kernel.traceable(need.slice('function:'.length));
  if (need.startsWith('file:')) return host.exists(`/${need.slice('file:'.length)}`);
  if (need.startsWith('usdt:')) return libraryWith(need.slice('usdt:'.length), host) !== null;
  const [event = '', field] = need.split('#');
  const fields = kernel.fields(event);
  return fields !== null && (field === undefined || fields.includes(field));
}

/**
 * The C library that this process itself uses, when its section .note.stapsdt names the probe. The names of probes stand in no other
 * section, so that the text of the file is enough.
 */
function libraryWith(probe: string, host: TraceHost): string | null {
  const path = /\s(\/\S{0,200}\/libc(?:-2\.\d{1,3})?\.so(?:\.6)?)$/m.exec(host.readText('/proc/self/maps') ?? '')?.[1];
  const text = path === undefined ? null : host.readText(path);
  return path !== undefined && text !== null && text.includes('stapsdt') && text.includes(`libc\0${probe}\0`) ? path : null;
}

function lacking(need: string): string {
  if (need.startsWith('function:')) return `the kernel function ${need.slice('function:'.length)} cannot be attached to`;
  if (need.startsWith('file:')) return `there is no /${need.slice('file:'.length)}`;
  if (need.startsWith('usdt:')) return `the C library here was built without the probe ${need.slice('usdt:'.length)} (systemtap)`;
  const [event = '', field] = need.split('#');
  return field === undefined ? `the kernel has no tracepoint ${event}` : `the tracepoint ${event} has no field ${field}, or is not there`;
}

/** The fields of a format file (Documentation/trace/events.rst), without the common ones. */
export function fieldsOf(format: string): string[] {
  return [...format.matchAll(/^\s*field:(?:[^;]*[\s*])?(\w+)(?:\[[^\]]*\])?;/gm)]
    .map(([, name]) => name ?? '')
    .filter((name) => !name.startsWith('common_'));
}

/** available_filter_functions is what ftrace and so fentry and most kprobes can attach to; kallsyms is the next best. */
function functionsOf(host: TraceHost, tracefs: string | null): ReadonlySet<string> {
  const listed = tracefs === null ? null : host.readText(`${tracefs}/available_filter_functions`);
  if (listed !== null && listed !== '') return new Set(listed.split('\n').map((line) => line.split(' ')[0] ?? ''));
  const symbols = host.readText('/proc/kallsyms') ?? '';
  return new Set(symbols.split('\n').flatMap((line) => /^[0-9a-f]+ [tT] (\S+)/.exec(line)?.[1] ?? []));
}

/**
 * Why no kernel tracing at all. Of the two modes of lockdown only `confidentiality` forbids it: kprobes, perf and tracefs come after
 * LOCKDOWN_INTEGRITY_MAX in include/linux/security.h.
 */
function denial(host: TraceHost): string | null {
  if (!host.root) return 'tracing needs root';
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(host.readText('/proc/self/status') ?? '')?.[1];
  if (effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 0n)
    return 'this container has no CAP_SYS_ADMIN: tracing must be run on the host itself';
  const users = host.readText('/proc/self/uid_map');
  if (users !== null && !/^\s*0\s+0\s+4294967295\s*$/.test(users))
    return 'this is a user namespace: tracing must be run on the host itself';
  if (/\[confidentiality\]/.test(host.readText('/sys/kernel/security/lockdown') ?? ''))
    return 'the kernel is locked down (confidentiality): it lets nobody trace';
  return null;
}

function crowding({ availableBytes, psiFull }: Room): string | null {
  if (availableBytes !== null && availableBytes < LEAST_AVAILABLE)
    return `only ${Math.round(availableBytes / 1_048_576)} MiB are available: the tracer itself would take about 150`;
  if (psiFull !== null && psiFull >= MOST_PSI_FULL)
    return `tasks are stalled on memory ${Math.round(psiFull)} % of the time: starting a tracer would make it worse`;
  return null;
}
