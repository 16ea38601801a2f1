/** The texts of the files that tell a container or a virtual machine; null when a file is not there. */
export interface Markers {
  readonly dockerenv: string | null;
  readonly containerenv: string | null;
  readonly cgroup: string | null;
  readonly mountinfo: string | null;
  readonly cpuinfo: string | null;
  readonly vendor: string | null;
  readonly product: string | null;
  readonly xen: string | null;
  readonly version: string | null;
  /** The directories vz and bc that the kernel of OpenVZ has in /proc, those that are there. */
  readonly openvz: readonly string[];
}

/** Runtimes by the names that they give to the cgroups of their containers, the outermost first. */
const RUNTIMES: readonly (readonly [RegExp, string])[] = [
  [/\/kubepods(\.slice|-|\/)/, 'kubernetes'],
  [/\/(docker|system\.slice\/docker-)[/-]?[0-9a-f]{12,64}/, 'docker'],
  [/\/libpod-[0-9a-f]{12,64}/, 'podman'],
  [/\/lxc(\.payload)?[./]/, 'lxc'],
  [/\/(crio|cri-containerd)-[0-9a-f]{12,64}/, 'kubernetes'],
];

/** Hypervisors by the vendor and product names of the firmware (DMI). Amazon sells bare metal under its own vendor name: `….metal`. */
const FIRMWARES: readonly (readonly [RegExp, string])[] = [
  [/QEMU|\bKVM\b|OpenStack|oVirt|RHEV|Bochs|Proxmox/i, 'kvm'],
  [/VMware/i, 'vmware'],
  [/^Microsoft Corporation\n.*Virtual Machine/i, 'hyperv'],
  [/innotek|VirtualBox/i, 'virtualbox'],
  [/^Xen\n|HVM domU/i, 'xen'],
  [/Parallels/i, 'parallels'],
  [/^Amazon EC2\n(?!.*\.metal)/i, 'amazon-ec2'],
  [/Google Compute Engine/i, 'google-compute-engine'],
  [/^Alibaba Cloud\n(?!.*bare ?metal)|^DigitalOcean\n|^Hetzner\nvServer|^Nutanix\nAHV/i, 'kvm'],
  [/\bbhyve\b/i, 'bhyve'],
  [/Apple Virtualization/i, 'apple-virtualization'],
];

/** The container runtime; null when no mark is certain (the root of a cgroup namespace is not: a rescue shell shows the same). */
export function containerOf(marks: Markers): string | null {
  const paths = marks.cgroup ?? '';
  const runtime = RUNTIMES.find(([pattern]) => pattern.test(paths));
  if (runtime) return runtime[1];
  if (marks.containerenv !== null) return /^engine="([a-z]{1,20})/m.exec(marks.containerenv)?.[1] ?? 'podman';
  if (marks.dockerenv !== null) return 'docker';
  // the host has both of them, its containers the first only
  if (marks.openvz.includes('vz') && !marks.openvz.includes('bc')) return 'openvz';
  // the sentry of gVisor calls itself so, whatever kernel runs below
  if (marks.version?.startsWith('Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016') === true) return 'gvisor';
  if (/^Linux version \S+-[Mm]icrosoft\b/.test(marks.version ?? '') && !/WSL2/.test(marks.version ?? '')) return 'wsl1';
  if (/ \/proc\/\S+ .* - fuse sysboxfs /.test(marks.mountinfo ?? '')) return 'sysbox';
  // lxcfs lies over /proc only inside a container; which runtime put it there cannot be told
  if (/ \/proc\/meminfo .* - fuse\.lxcfs /.test(marks.mountinfo ?? '')) return 'lxcfs';
  return null;
}

/** The hypervisor below; null when there is none or nothing says so. */
export function hypervisorOf(marks: Markers): string | null {
  const firmware = `${marks.vendor?.trim() ?? ''}\n${marks.product?.trim() ?? ''}`;
  const known = FIRMWARES.find(([pattern]) => pattern.test(firmware));
  if (known) return known[1];
  if (/^Linux version \S+-microsoft-standard-WSL2/.test(marks.version ?? '')) return 'wsl2';
  const xen = marks.xen?.trim() ?? '';
  if (xen !== '') return xen.slice(0, 40);
  const flags = /^flags\s*:(.*)$/m.exec(marks.cpuinfo ?? '')?.[1] ?? '';
  if (!/(^|\s)hypervisor(\s|$)/.test(flags)) return null;
  return /^model name\s*:.*QEMU/m.test(marks.cpuinfo ?? '') ? 'qemu' : 'unknown';
}
