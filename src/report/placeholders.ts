import type { Snapshot } from '../gather/snapshot.js';
import { shellWord } from './actions.js';
import type { ReportFinding } from './report.js';

type Action = ReportFinding['actions'][number];

/** Whom a diagnosis names as the owner, or the thing that a finding is about. */
export interface Named {
  readonly kind: string;
  readonly name: string;
  readonly pid?: number;
  /** Of a process: the cgroup that it is in. */
  readonly group?: string;
}

/** Adds to a process the cgroup that it was last seen in, where that was read. */
export function withGroups({ samples }: Snapshot): (named: Named | null) => Named | null {
  const groups = new Map<number, string | null>(
    samples.findLast(({ sources }) => sources.processes)?.sources.processes?.top.map(({ pid, cgroup }) => [pid, cgroup]),
  );
  return (named) => {
    const group = named?.kind === 'process' && named.pid !== undefined ? groups.get(named.pid) : undefined;
    return named && group ? { ...named, group } : named;
  };
}

const UNIT = /\bNAME\.service\b/;
/** A process is put in where the command only reads: what ends or stops one is for people to fill in. */
const READS_PROCESS = /(\/proc\/|\bpidstat (?:-\w+ )*-p |\bpmap -\w+ )PID\b/g;

/** A limit is that of the unit of a process; what stops the unit, or restarts it, is for people to fill in. */
const SETS = /^systemctl set-property (?:--runtime )?NAME\.service /;
/** Units below these are those of the manager of a user. */
const OF_USER = /(?:^|\/)(?:user@\d{1,10}\.service|init\.scope)(?:\/|$)/;

/** Whose groups systemd does not set: how a limit of such a group is raised. */
const MANAGED: readonly { readonly group: RegExp; readonly how: string }[] = [
  {
    group: /(?:^|\/)kubepods[.\w-]*(?:\/|$)/,
    how: 'It is a pod: the kubelet sets its limits from resources.limits in the specification of the pod.',
  },
  { group: /(?:^|\/)docker(?:\/|-)[0-9a-f]{12}/, how: 'It is a container: docker update --memory, or its compose file, sets the limit.' },
  { group: /(?:^|\/)libpod(?:\/|-)[0-9a-f]{12}/, how: 'It is a container: podman update --memory, or its unit, sets the limit.' },
];

/**
 * Commands with `NAME.service` and `PID` filled in, where the owner is known to be such a unit or process. A command for a unit is no
 * use for the group of a pod or a container: it is taken out, and the text says who sets the limit.
 */
export const withNames = (actions: readonly Action[], named: Named | null): Action[] => actions.map((action) => withName(action, named));

function withName(action: Action, named: Named | null): Action {
  const { command, text } = action;
  if (command === null || named === null) return action;
  if (named.kind === 'cgroup' && UNIT.test(command)) {
    const managed = MANAGED.find(({ group }) => group.test(named.name));
    if (managed) return { ...action, command: null, text: `${text} ${managed.how}` };
    const unit = shellWord(unitOf(named.name) ?? '');
    return unit === null ? action : { ...action, command: command.replaceAll(new RegExp(UNIT, 'g'), () => unit) };
  }
  const { pid, group } = named;
  if (named.kind === 'process' && group !== undefined && SETS.test(command) && !OF_USER.test(group))
    return withName(action, { kind: 'cgroup', name: group });
  return named.kind === 'process' && pid !== undefined
    ? { ...action, command: command.replaceAll(READS_PROCESS, (_, before: string) => `${before}${pid}`) }
    : action;
}

/** The unit of a cgroup: the last part of its path that is one. */
const unitOf = (path: string): string | null => path.split('/').findLast((part) => /^[^/]+\.(?:service|scope|slice)$/.test(part)) ?? null;
