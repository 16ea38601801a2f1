import { boolean, bytes, list, row, text } from '../../json-schema.js';
import { grouped } from '../files.js';
import { unsigned } from '../lines.js';
import { defineSource } from '../source.js';

const XEN = 'sys/devices/system/xen_memory/xen_memory0';
const [VMWARE, HYPERV] = ['sys/kernel/debug/vmmemctl', 'sys/kernel/debug/hv-balloon'] as const;
/** VIRTIO_BALLOON_F_DEFLATE_ON_OOM of linux/virtio_balloon.h; the file lists the bits from the lowest. */
const DEFLATE_ON_OOM = 2;
/** Both hypervisors count in these, whatever the page size of the guest. */
const PAGE = 4096;

const held = row({ bytes: bytes('in the balloon') }, { target: bytes('that the hypervisor wants in it') });

/** Drivers that give memory back to the hypervisor; only those that are there. */
export default defineSource({
  title: 'virtio_balloon, vmmemctl, hv-balloon, xen_memory',
  docs: 'https://docs.oasis-open.org/virtio/virtio/v1.2/virtio-v1.2.html',
  reads: [
    'sys/bus/virtio/drivers/virtio_balloon/virtio*/features',
    VMWARE,
    HYPERV,
    ...['target_kb', 'info/current_kb', 'info/low_kb', 'info/high_kb'].map((name) => `${XEN}/${name}`),
  ],
  cadence: 'full',
  schema: row(
    {},
    {
      virtio: list(row({ device: text(), deflateOnOom: boolean('gives back when memory is short; then it stays within MemTotal') })),
      vmware: held,
      hyperv: held,
      xen: row({ current: bytes('that the guest has') }, { target: bytes('that it is to have'), bytes: bytes('in the balloon') }),
    },
  ),
  parseFiles: (files) => {
    const virtio = [...grouped(files, /\/virtio_balloon\/(virtio\d{1,9})\/(features)$/)].map(([device, group]) => ({
      device,
      deflateOnOom: group.get('features')?.[DEFLATE_ON_OOM] === '1',
    }));
    const [vmware, hyperv] = [files.get(VMWARE), files.get(HYPERV)];
    return {
      ...(virtio.length > 0 ? { virtio } : {}),
      ...(vmware === undefined ? {} : { vmware: heldIn(vmware, 'current', 'target') }),
      ...(hyperv === undefined ? {} : { hyperv: heldIn(hyperv, 'pages_ballooned') }),
      ...xenOf(files),
    };
  },
});

/** "current:   12345 pages" or "pages_ballooned   : 12345"; the first of a name: a counter of calls of the same name may follow. */
function heldIn(text: string, current: string, target?: string) {
  const pages = (name: string): string | undefined =>
    new RegExp(String.raw`^${name}[ \t]*:[ \t]*(\d+)(?: pages)?[ \t]*\r?$`, 'm').exec(text)?.[1];
  const wanted = target === undefined ? undefined : pages(target);
  return {
    bytes: unsigned(pages(current), current) * PAGE,
    ...(wanted === undefined ? {} : { target: unsigned(wanted, 'target') * PAGE }),
  };
}

function xenOf(files: ReadonlyMap<string, string>) {
  const size = (name: string): number | undefined => {
    const content = files.get(`${XEN}/${name}`);
    return content === undefined ? undefined : unsigned(content.trim(), name) * 1024;
  };
  const [current, target, low, high] = [size('info/current_kb'), size('target_kb'), size('info/low_kb'), size('info/high_kb')];
  if (current === undefined) return {};
  return {
    xen: {
      current,
      ...(target === undefined ? {} : { target }),
      ...(low === undefined && high === undefined ? {} : { bytes: (low ?? 0) + (high ?? 0) }),
    },
  };
}
