/** `kubepods-burstable-pod<uid>.slice` with _ for -, or cgroupfs's `/kubepods/burstable/pod<uid>/…`. */
const POD = /(?:^|[/-])pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?:\/|$)/;
/** `docker-<id>.scope`, `cri-containerd-<id>.scope`, `crio-<id>.scope`, `libpod-<id>.scope`, and bare ids below a runtime's group. */
const CONTAINER =
  /(?:^|\/)(?:(?:docker|cri-containerd|crio|crio-conmon|libpod|libpod-conmon|containerd|nerdctl|buildah)[-:])?(?:cri-containerd:)?([0-9a-f]{64}|[0-9a-f]{32})(?:\.scope)?(?:\/|$)/;
/** `/lxc/NAME`, `/lxc.payload.NAME`, `/lxc.payload/NAME`. */
const LXC = /(?:^|\/)(?:lxc(?:\.payload)?[./]|lxc-)([^/]{1,128})(?:\/|$)/;
const UNIT = /^[^/]{1,255}\.(?:service|scope|socket|mount|swap)$/;

/**
 * The names that a cgroup's path holds: the innermost systemd unit or scope (a virtual machine's is
 * `machine-qemu\x2d1\x2dNAME.scope`, unescaped here), the pod's uid, the container's id or LXC name.
 */
export function namesOf(path: string): { unit?: string; pod?: string; container?: string } {
  const pod = POD.exec(path)?.[1]?.replaceAll('_', '-');
  const container = CONTAINER.exec(path)?.[1] ?? LXC.exec(path)?.[1];
  const unit = path
    .slice(0, 4096)
    .split('/')
    .findLast((part) => UNIT.test(part) && !CONTAINER.test(part));
  return {
    ...(unit === undefined ? {} : { unit: unescaped(unit) }),
    ...(pod === undefined ? {} : { pod }),
    ...(container === undefined ? {} : { container }),
  };
}

/** What people call a container, by its pod and a part of its id, as their tools do; null when it is none. */
export function containerName({ pod, container }: { readonly pod?: string; readonly container?: string }): string | null {
  const id = container === undefined ? null : `container ${/^[0-9a-f]{32,}$/.test(container) ? container.slice(0, 12) : container}`;
  return pod === undefined ? id : `pod ${pod}${id === null ? '' : `, ${id}`}`;
}

/** A cgroup in a sentence, which has no room for the path of a container. */
export const calledCgroup = (path: string): string => containerName(namesOf(path)) ?? path;

/** systemd writes what a unit's name may not hold as \x2d. */
const unescaped = (unit: string): string =>
  unit.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
