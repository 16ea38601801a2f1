import { defineFamily, textAs } from './family.js';

/** drivers/virtio/virtio_balloon.c, drivers/hv/hv_balloon.c, drivers/xen/balloon.c, drivers/misc/vmw_balloon.c: where they met a bound. */
export default defineFamily({
  begins: [
    'Out of puff!',
    'virtio_balloon ',
    'virtio-balloon: ',
    'balloon: ',
    'hv_balloon: ',
    'xen:',
    'xen_balloon: ',
    'vmw_balloon: ',
    'vmware_balloon: ',
    'VMware balloon: ',
  ],
  sayings: [
    {
      kind: 'balloon',
      pattern: /^(?:(virtio_balloon \S{1,40}|virtio-balloon|balloon): )?Out of puff! Can't get \d{1,10} pages/,
      tells: ([, device]) => textAs('device', device),
    },
    {
      kind: 'balloon',
      pattern:
        /^(hv_balloon|xen:balloon|xen_balloon|xen:xen_balloon|vmw_balloon|vmware_balloon|VMware balloon): .{0,200}(?:[Ff]ail|[Ee]rror|[Cc]annot|floor reached|not enough|out of memory)/,
      tells: ([, device]) => textAs('device', device),
    },
  ],
});
