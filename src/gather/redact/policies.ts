import { maskSecrets } from '../processes/command.js';
import type { Names } from './names.js';
import { cgroupPath, containerName, pathName, podName } from './paths.js';
import { family, isPublic, processName } from './processes.js';
import { redactText } from './text.js';
import { TRACE_POLICIES } from './traces.js';
import { DEVICE, FILE_SYSTEMS, PARAMETERS } from './well-known.js';

/** How one text of a snapshot is replaced; `kept` are words that stay. */
export type Policy = (text: string, names: Names, kept: ReadonlySet<string>) => string;

/** The kernel's, the hardware's or the distribution's own word: not the host's. */
const keep: Policy = (text) => text;
const path: Policy = (text, names) => pathName(text, names);
const cgroup: Policy = (text, names) => cgroupPath(text, names);
const program: Policy = (text, names) => family(text, names);
const host: Policy = (text, names) => hostName(text, names);

/** What a text is when nothing is said of it here: a new source is redacted before anybody thinks of it. */
export const DEFAULT: Policy = redactText;

const LOG = 'samples[].sources.kernel-log';
const S = 'samples[].sources';

const KEPT = `
  schemaVersion memdoctorVersion subject.kernel subject.arch subject.capturedAt
  ${S}.allocinfo.top[].tag ${S}.balloon.virtio[].device ${S}.buddyinfo[].zone ${S}.damon.kdamonds[].state ${S}.diskstats[].number
  ${S}.edac[].controller ${S}.edac[].name ${S}.edac[].dimms[].name ${S}.edac[].dimms[].label ${S}.edac[].dimms[].location
  ${S}.environment.hypervisor ${S}.errors[].operation ${S}.extfrag[].zone ${LOG}.from ${LOG}.events[].wallTime ${LOG}.events[].gfpMask
  ${LOG}.events[].constraint ${LOG}.events[].subsystem ${LOG}.events[].harmless ${LOG}.firstWallTime ${LOG}.lastWallTime ${LOG}.bootWallTime
  ${LOG}.kernel ${LOG}.reports[].trace[] ${LOG}.reports[].zones[].zone ${LOG}.reports[].zones[].freeLists[].types ${LOG}.reports[].slabs[].name
  ${LOG}.reports[].wallTime ${LOG}.reports[].kernel ${LOG}.reports[].hardware ${LOG}.reports[].gfpMask ${LOG}.reports[].gfpFlags[]
  ${LOG}.reports[].constraint ${LOG}.reports[].nodemask ${LOG}.reports[].memsAllowed ${LOG}.reports[].tasks.columns[]
  ${S}.memory-blocks.autoOnline ${S}.modules[].name ${S}.modules[].usedBy[] ${S}.modules[].taint ${S}.mounts[].device
  ${S}.net-sockets.largest[].protocol ${S}.node[].cpulist ${S}.pagetypeinfo.free[].zone ${S}.pagetypeinfo.free[].type
  ${S}.pagetypeinfo.blocks[].zone ${S}.process-maps.processes[].allocator ${S}.process-numa[].memoryNodes ${S}.process-numa[].cpus
  ${S}.processes.top[].state ${S}.processes.blocked[].wchan ${S}.processes.reclaimers[].state ${S}.swaps[].type ${S}.thp-sizes[].enabled
  ${S}.thp-sizes[].shmemEnabled ${S}.transparent-hugepage.enabled ${S}.transparent-hugepage.defrag ${S}.transparent-hugepage.shmemEnabled
  ${S}.version.release ${S}.vmallocinfo.callers[].caller ${S}.zoneinfo[].zone ${S}.zram[].algorithm
`;

/** By the place in the snapshot's schema. What is not here is free text. */
export const POLICIES: ReadonlyMap<string, Policy> = new Map<string, Policy>([
  ...KEPT.trim()
    .split(/\s+/)
    .map((place): [string, Policy] => [place, keep]),
  ['subject.hostname', host],
  [`${S}.cgroup.mountpoint`, path],
  [`${S}.cgroup.own`, cgroup],
  [`${S}.cgroup.groups[].path`, cgroup],
  [`${S}.environment.ownCgroup`, cgroup],
  [`${S}.environment.container`, containerWord],
  [`${S}.cmdline.text`, parameters],
  [`${S}.diskstats[].device`, device],
  [`${S}.zram[].device`, device],
  [`${S}.errors[].program`, program],
  [`${LOG}.events[].cgroup`, cgroup],
  [`${LOG}.events[].trigger.name`, program],
  [`${LOG}.events[].victims[].name`, program],
  [`${LOG}.events[].program`, program],
  [`${LOG}.reports[].trigger.name`, program],
  [`${LOG}.reports[].trigger.cgroup`, cgroup],
  [`${LOG}.reports[].cpuset`, cgroup],
  [`${LOG}.reports[].memcg.path`, cgroup],
  [`${LOG}.reports[].memcg.taskPath`, cgroup],
  [`${LOG}.reports[].memcg.unit`, cgroup],
  [`${LOG}.reports[].memcg.pod`, (text, names) => podName(text, names)],
  [`${LOG}.reports[].memcg.container`, (text, names) => containerName(text, names)],
  [`${LOG}.reports[].memcg.groups[].path`, cgroup],
  [`${LOG}.reports[].tasks.top[].name`, program],
  [`${LOG}.reports[].tasks.groups[].name`, program],
  [`${LOG}.reports[].victims[].name`, program],
  [`${LOG}.reports[].reaped[].name`, program],
  [`${S}.mounts[].mountpoint`, path],
  [`${S}.mounts[].type`, fileSystem],
  [`${S}.mounts[].source`, mountSource],
  [`${S}.net-sockets.largest[].local`, socket],
  [`${S}.process-maps.processes[].name`, program],
  [`${S}.process-numa[].name`, program],
  [`${S}.processes.groups[].name`, program],
  [`${S}.processes.top[].name`, program],
  [`${S}.processes.top[].cgroup`, cgroup],
  [`${S}.processes.top[].command`, command],
  [`${S}.processes.daemons[]`, program],
  [`${S}.processes.holders[].name`, program],
  [`${S}.processes.blocked[].name`, program],
  [`${S}.processes.reclaimers[].name`, program],
  [`${S}.slabinfo[].name`, slabCache],
  [`${S}.swaps[].name`, path],
  ...TRACE_POLICIES,
  ['texts.recognised[].name', path],
  ['texts.recognised[].kind', keep],
  ['texts.recognised[].title', keep],
  ['texts.unrecognised[].name', path],
]);

/** Names of the members of open maps that a host chooses; of all others the kernel, or a tool, chooses them. */
export const KEY_POLICIES: ReadonlyMap<string, Policy> = new Map<string, Policy>([[`${LOG}.kills`, program]]);

/** Values of open maps by the name of the member: what the distribution says of itself stays. */
export const MEMBERS_KEPT = `${S}.os-release`;

/** `db-7.example.net`: the short name alone is the same host. */
function hostName(text: string, names: Names): string {
  if (/^(?:localhost(?:\.localdomain)?|\(none\)|)$/.test(text)) return text;
  const pseudonym = names.of('hosts', text);
  const [short = text] = text.split('.');
  if (short.length > 1) names.of('hosts', short, () => pseudonym);
  return pseudonym;
}

/** The program, and one word for all that it was called with. */
function command(text: string, names: Names): string {
  const [, called = '', rest = ''] = /^(\S{0,4096})([^]*)$/.exec(text) ?? [];
  const name = called.slice(called.lastIndexOf('/') + 1);
  const shown = isPublic(name) ? name : processName(name.slice(0, 15), names);
  return rest.trim() === '' ? shown : `${shown} ${names.of('commands', text)}`;
}

function containerWord(text: string, names: Names): string {
  return /^(?:docker|podman|kubernetes|lxc|lxc-libvirt|systemd-nspawn|openvz|gvisor|wsl|rkt|oci|container|other|proot|pouch|sysbox|firejail|buildah|containerd|crio)$/.test(
    text,
  )
    ? text
    : names.of('containers', text);
}

function fileSystem(text: string, names: Names): string {
  return FILE_SYSTEMS.has(text) ? text : names.of('words', text);
}

function mountSource(text: string, names: Names, kept: ReadonlySet<string>): string {
  if (FILE_SYSTEMS.has(text) || DEVICE.test(text)) return text;
  if (text.startsWith('/') && !text.startsWith('//')) return pathName(text, names);
  // nfs: server:/export, cifs: //server/share
  const [, server, colon = '', share = ''] = /^(?:\/\/)?([^/:]{1,255})(:?)(\/[^]{0,4096})$/.exec(text) ?? [];
  if (server !== undefined) return `${hostName(server, names)}${colon}${pathName(share, names)}`;
  return /^[\w.-]{1,255}$/.test(text) && !/[A-Z]/.test(text) && redactText(text, names, kept) === text ? text : names.of('paths', text);
}

function device(text: string, names: Names): string {
  return DEVICE.test(text) ? text : names.of('paths', text);
}

/** The address hides, the port stays. */
function socket(text: string, names: Names): string {
  const [, address = text, port = ''] = /^([^]{0,100}?)(:[0-9A-Fa-f]{1,5})?$/.exec(text) ?? [];
  return `${/^0*$/.test(address) ? address : names.of('addresses', address)}${port}`;
}

/** Caches of cgroups: `dentry(812:web.service)`. */
function slabCache(text: string, names: Names): string {
  return text.replace(/\((\d{1,10}):([^()]{1,255})\)/g, (_, id: string, group: string) => `(${id}:${cgroupPath(group, names)})`);
}

/** The kernel's parameters: those about memory as they are, of the others what anybody may write. */
function parameters(text: string, names: Names, kept: ReadonlySet<string>): string {
  return maskSecrets(text)
    .split(/\s+/)
    .map((word) => {
      const [, name = word, value] = /^([\w.-]{1,100})=([^]*)$/.exec(word) ?? [];
      if (PARAMETERS.has(name) && /^[\w.,:@%+*!$/=-]{0,200}$/.test(value ?? '')) return word;
      const shown = PARAMETERS.has(name) ? name : redactText(name, names, kept);
      return value === undefined ? shown : `${shown}=${redactText(value, names, kept)}`;
    })
    .join(' ');
}
