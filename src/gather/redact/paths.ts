import type { Kind, Names } from './names.js';
import { isVocabulary } from './vocabulary.js';
import { DEVICE, PARTS, UNITS } from './well-known.js';

const POD =
  /^(kubepods-(?:besteffort-|burstable-|guaranteed-)?pod|pod)([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(\.slice)?$/;
const CONTAINER =
  /^((?:(?:docker|cri-containerd|crio|crio-conmon|libpod|libpod-conmon|containerd|nerdctl|buildah)[-:])?)([0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{64})(\.scope|\.service)?$/;
const LXC = /^(lxc\.payload\.|lxc\.monitor\.|lxc-)(.{1,200})$/;
const UNIT = /^(.{1,255})\.(service|scope|slice|socket|mount|swap|timer|path|target|automount)$/;
const OF_USER = /^(user-|user@|user-runtime-dir@)(\d{1,10})$/;
/** Numbers of processes, sessions, CPUs: they name nobody. */
const NUMBER = /^(?:\d{1,10}|session-c?\d{1,8}|node\d{1,4}|cpu\d{1,4}|memory\d{1,6}|zone\d{0,4}|hugepages-\d{1,9}kB|vz\d?)$/;

/** Below these the kernel gives the names, but for those of cgroups. */
const KERNELS = /^\/?(?:proc|sys|dev)\/|^\/?etc\/os-release$/;

/** Users below this are the system's own. */
const FIRST_USER = 1000;
const [NOBODY, NO_USER] = [65_534, 4_294_967_295];
/** The users' pseudonyms are numbered from here: no host gives its users such numbers by itself. */
const USERS_FROM = 90_000;

/** A user's number: root, system users and nobody keep theirs. */
export function userNumber(uid: number, names: Names): number {
  if (uid < FIRST_USER || uid === NOBODY || uid === NO_USER) return uid;
  return Number(names.of('users', String(uid), (number) => String(USERS_FROM + number)));
}

/**
 * A path with every part replaced that is not one that many hosts have: a file's, or a cgroup's. A part has one pseudonym
 * wherever it is seen, so that one path below another is still seen to be below it.
 */
export function pathName(path: string, names: Names, kind: Kind = 'paths'): string {
  const [, plain = path, end = ''] = /^([^]*?)( \(deleted\))?$/.exec(path) ?? [];
  const kernels = KERNELS.test(plain);
  const parts = plain.split('/').map((part, index, all) => {
    if (kernels && isVocabulary(part)) return names.known(part, 'cgroups', 'paths') ?? part;
    return partName(part, names, all[index - 1] === 'home' ? 'users' : kind);
  });
  return parts.join('/') + end;
}

/** The path of a cgroup. */
export const cgroupPath = (path: string, names: Names): string => pathName(path, names, 'cgroups');

/** One part of a path. systemd's `\x2d` is read first: logs have units both ways. */
export function partName(escaped: string, names: Names, kind: Kind = 'paths'): string {
  const part = unescaped(escaped);
  if (part === '' || PARTS.has(part) || NUMBER.test(part) || DEVICE.test(part)) return escaped;
  const [, podBefore, pod = '', podAfter = ''] = POD.exec(part) ?? [];
  if (podBefore !== undefined) return `${podBefore.replace(/pod$/, '')}${podName(pod, names)}${podAfter}`;
  const [, runtime, container = '', scope = ''] = CONTAINER.exec(part) ?? [];
  if (runtime !== undefined) return `${runtime}${containerName(container, names)}${scope}`;
  const [, lxc, lxcName = ''] = LXC.exec(part) ?? [];
  if (lxc !== undefined) return `${lxc}${containerName(lxcName, names)}`;
  const [, name, suffix = ''] = UNIT.exec(part) ?? [];
  if (name !== undefined) return unitName(name, suffix, names);
  // the kind that a part has been seen as first is kept
  return names.known(part, 'paths', 'cgroups', 'users') ?? names.of(kind, part);
}

/** The pseudonym of a pod's uid, however it is written. */
export const podName = (uid: string, names: Names): string => names.of('pods', uid.replaceAll(/[-_]/g, ''));

/** The pseudonym of a container's id or name; docker's short id is the begin of the long one. */
export const containerName = (id: string, names: Names): string =>
  names.of('containers', /^[0-9a-f]{12,64}$/.test(id) ? id.slice(0, 12) : id);

/** A systemd unit, its suffix kept; the user's number in user-1000.slice is that user's everywhere. */
function unitName(name: string, suffix: string, names: Names): string {
  const [, before, uid = ''] = OF_USER.exec(name) ?? [];
  if (before !== undefined) return `${before}${userNumber(Number(uid), names)}.${suffix}`;
  if (UNITS.has(name) || /^session-c?\d{1,8}$/.test(name)) return `${name}.${suffix}`;
  const [, template, instance = ''] = /^([^@]{1,100})@([^]{0,200})$/.exec(name) ?? [];
  if (template !== undefined && UNITS.has(template)) {
    const plain = /^(?:\d{1,3}|tty\w{1,6}|main|)$/.test(instance) || DEVICE.test(instance);
    return `${template}@${plain ? instance : names.of('units', instance)}.${suffix}`;
  }
  return `${names.of('units', name)}.${suffix}`;
}

const unescaped = (part: string): string =>
  part.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
