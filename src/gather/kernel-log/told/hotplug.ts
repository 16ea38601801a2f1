import { defineFamily, textAs } from './family.js';

/** The zone lists are built at time 0 of the boot as well: later it is for memory that came or went. */
const AFTER_BOOT = 10;
const DONE = 'memory came or went as it was asked to; MemTotal changes with it';

/** mm/memory_hotplug.c, drivers/base/memory.c, drivers/acpi/acpi_memhotplug.c, drivers/virtio/virtio_mem.c. */
export default defineFamily({
  begins: [
    'Built ',
    'Offlined Pages ',
    'memory ',
    'offlining ',
    'online_pages ',
    'acpi PNP0C80',
    'ACPI PNP0C80',
    'ACPI: PNP0C80',
    'virtio_mem ',
  ],
  sayings: [
    {
      kind: 'hotplug',
      pattern: /^Built \d{1,5} zonelists, mobility grouping /,
      tells: (_, { time }) => (time !== null && time > AFTER_BOOT ? { harmless: DONE } : null),
    },
    { kind: 'hotplug', pattern: /^Offlined Pages \d/, tells: () => ({ harmless: DONE }) },
    {
      kind: 'hotplug',
      pattern: /^memory (memory\d{1,10}): (?:O(?:ff|n)line failed|[Oo](?:ff|n)line .{0,80}failed)/,
      tells: ([, device]) => textAs('device', device),
    },
    { kind: 'hotplug', pattern: /^(?:memory )?offlining (?:pages )?\[mem .{1,80} ?\(?failed due to / },
    { kind: 'hotplug', pattern: /^online_pages \[mem .{1,80}\] failed/ },
    {
      kind: 'hotplug',
      pattern: /^(?:acpi|ACPI:?) (PNP0C80:\w{1,8}): .{0,200}(?:fail|error)/,
      tells: ([, device]) => textAs('device', device),
    },
    {
      kind: 'hotplug',
      pattern: /^virtio_mem (\S{1,40}): .{0,200}(?:fail|error|broken|could not|cannot)/,
      tells: ([, device]) => textAs('device', device),
    },
  ],
});
