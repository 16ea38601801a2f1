import { defineFamily, type Details, numberAs, victim } from './family.js';

const MIB = 1024 * 1024;
const KIB = 1024;

const oomd = ([, path = '']: RegExpExecArray): Details => ({ program: 'systemd-oomd', cgroup: path });
/** Its kill is told by the manager of the unit too, who has the name alone. */
const byOomd = {
  alike: ([, path = '']: RegExpExecArray): string => `systemd-oomd ${path.slice(path.lastIndexOf('/') + 1)}`,
  once: true,
} as const;

/** Programs that kill before the kernel does. Only their line of the kill is an event: not what they measured, nor how it went. */
export default defineFamily({
  begins: [
    'earlyoom: ',
    'Invoking oom killer',
    'sending SIG',
    'Sending SIG',
    '[talos] Sending SIG',
    '[ OK ] Sending',
    'Killing process',
    'Killed /',
    'Marked /',
    'systemd-oomd',
    'Memory pressure for /',
    'oomd',
    'lowmemorykiller: ',
    'lmkd: ',
    "Kill '",
    "Killing '",
  ],
  holds: [': systemd-oomd killed ', 'send sigkill to '],
  sayings: [
    {
      // earlyoom, kill.c, since 1.3; uid since 1.6, oom_score for badness and the command since 1.8
      kind: 'userspace-kill',
      pattern:
        /^(?:earlyoom: )?sending SIG(?:TERM|KILL) to process (\d{1,10})(?: uid \d{1,10})? "?(.{0,64}?)"?: (?:badness|oom_score) -?\d{1,6}(?:, oom_score_adj (-?\d{1,5}))?(?:, badness -?\d{1,20} KiB)?(?:, VmRSS:? (\d{1,12}) MiB)?/,
      tells: ([, pid, name = '', adjustment, rss]) => earlyoom(name, pid, adjustment, rss),
      // SIGTERM, then SIGKILL
      alike: ([, pid = '', name = '']) => `earlyoom ${pid} ${name}`,
      once: true,
    },
    {
      // earlyoom until 1.2
      kind: 'userspace-kill',
      pattern: /^(?:earlyoom: )?Killing process: (.{0,64}?), pid: (\d{1,10}), badness: -?\d{1,6}(?:, VmRSS: (\d{1,12}) MiB)?/,
      tells: ([, name = '', pid, rss]) => earlyoom(name, pid, undefined, rss),
      alike: ([, name = '', pid = '']) => `earlyoom ${pid} ${name}`,
      once: true,
    },
    {
      kind: 'userspace-kill',
      pattern: /^(?:earlyoom: )?Killing process (\d{1,10}) (.{1,64})$/,
      tells: ([, pid, name = ''], { text, program }) =>
        program === 'earlyoom' || text.startsWith('earlyoom') ? earlyoom(name, pid, undefined, undefined) : null,
      alike: ([, pid = '', name = '']) => `earlyoom ${pid} ${name}`,
      once: true,
    },
    {
      // earlyoom 0.x with -k, by SysRq F
      kind: 'userspace-kill',
      pattern: /^(?:earlyoom: )?Invoking oom killer: /,
      tells: () => ({ program: 'earlyoom' }),
      alike: () => null,
    },
    {
      // systemd, src/oom/oomd-manager.c; “Marked … for killing” since 258
      kind: 'userspace-kill',
      pattern: /^(?:systemd-oomd\S{0,20} )?(?:Killed|Marked) (\/.{0,2000}?)(?: for killing)? due to memory (?:pressure|used)/,
      tells: oomd,
      ...byOomd,
    },
    {
      // systemd 247 to 248, src/oom/oomd-manager.c: said right before the kill, which itself is not logged there
      kind: 'userspace-kill',
      pattern:
        /^(?:systemd-oomd\S{0,20} )?Memory pressure for (\/\S{0,2000}) is greater than \d{1,3} for more than \d{1,6} seconds and there was reclaim activity$/,
      tells: oomd,
      ...byOomd,
    },
    {
      // the same, cut where the reason would stand
      kind: 'userspace-kill',
      pattern: /^(?:systemd-oomd\S{0,20} )?(?:Killed|Marked) (\/[^\s]{1,2000})$/,
      tells: (match, { text, program }) => ([program, text].some((who) => who?.startsWith('systemd-oomd')) ? oomd(match) : null),
      ...byOomd,
    },
    {
      // systemd, src/core/unit.c: the same kill, as the manager of the unit saw it
      kind: 'userspace-kill',
      pattern: /^(\S{1,255}): systemd-oomd killed (?:\d{1,10}|some) process\(es\) in this unit/,
      tells: ([, unit = '']) => ({ program: 'systemd-oomd', cgroup: unit }),
      alike: ([, unit = '']) => `systemd-oomd ${unit}`,
      once: true,
    },
    {
      // Meta’s oomd, src/oomd/plugins/BaseKillPlugin.cpp, written to /dev/kmsg: pressure of 10, 60 and 600 s, cgroup, its bytes
      kind: 'userspace-kill',
      pattern: /^(?:oomd: )?oomd kill: \d{1,3}\.\d{1,4} \d{1,3}\.\d{1,4} \d{1,3}\.\d{1,4} (\S{1,2000}) {1,2}(\d{1,20})?/,
      tells: ([, path = '', size]) => ({
        program: 'oomd',
        cgroup: path.startsWith('/') ? path : `/${path}`,
        ...numberAs('bytes', size),
      }),
      alike: () => null,
    },
    {
      kind: 'userspace-kill',
      pattern: /^(?:\[ OK \] )?Sending SIG(?:TERM|KILL) to (?:the victim|(.{1,64}?))(?:$|[;,.]| \[?\(?(?:[Pp]id|PID))/,
      tells: ([, name], { text, program }) => {
        if (!(program?.startsWith('nohang') ?? false) && !text.startsWith('[ OK ] ')) return null;
        return { program: 'nohang', ...(name === undefined ? {} : victim(name, undefined)) };
      },
      alike: () => null,
    },
    {
      // Talos, internal/app/machined/pkg/controllers/runtime/oom.go: by the pressure of cgroups, written to the kernel log
      kind: 'userspace-kill',
      pattern: /^\[talos\] Sending SIG(?:TERM|KILL) to cgroup \{.{0,300}?"cgroup": ?"(?:\/sys\/fs\/cgroup)?(\/[^"]{1,2000})"/,
      tells: ([, path = '']) => ({ program: 'talos', cgroup: path }),
      alike: ([, path = '']) => `talos ${path}`,
    },
    {
      // drivers/staging/android/lowmemorykiller.c from 3.10 on, and Android’s lmkd
      kind: 'userspace-kill',
      pattern:
        /^(?:lowmemorykiller: |lmkd: )?Kill(?:ing)? '(.{0,256}?)' \((\d{1,10})\), (?:uid \d{1,10}, )?(?:oom_(?:score_)?)?adj (-?\d{1,5})(?:.{0,20}? to free (\d{1,12})kB)?/,
      tells: ([, name = '', pid, adjustment, freed]) => ({
        ...lowMemoryKiller(name, pid, adjustment),
        ...numberAs('bytes', freed, KIB),
      }),
      alike: () => null,
    },
    {
      // until 3.9 and, again, from 4.9 on; some vendors put a word of theirs before it
      kind: 'userspace-kill',
      pattern: /^(?:[\w[\]]{1,20}:? ){0,2}send sigkill to (\d{1,10}) \((.{0,64})\), adj (-?\d{1,5}),/,
      tells: ([, pid, name = '', adjustment]) => lowMemoryKiller(name, pid, adjustment),
      alike: () => null,
    },
  ],
});

/** What VmRSS counted is what comes free. */
const earlyoom = (name: string, pid: string | undefined, adjustment: string | undefined, rss: string | undefined): Details => ({
  program: 'earlyoom',
  ...victim(name, pid, adjustment === undefined ? {} : { oomScoreAdj: Number(adjustment) }),
  ...numberAs('bytes', rss, MIB),
});

const lowMemoryKiller = (name: string, pid: string | undefined, adjustment: string | undefined): Details => ({
  program: 'lowmemorykiller',
  ...victim(name, pid, { oomScoreAdj: Number(adjustment) }),
});
