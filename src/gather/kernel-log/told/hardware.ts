import { defineFamily, textAs, victim } from './family.js';

const INJECTED = 'a program asked for it (madvise, a test): the hardware reported nothing';

/**
 * Errors that were counted or met, one event for each report; not the lines of a driver that starts, nor the further lines of
 * a report (registers, time, processor).
 */
export default defineFamily({
  begins: [
    'EDAC ',
    '{',
    'mce: ',
    '[Hardware Error]',
    'Machine check events',
    'Memory failure: ',
    'MCE',
    'Uncorrected hardware memory',
    'Injecting memory',
    'Soft offlining ',
    'soft offline',
    'soft_offline',
  ],
  sayings: [
    {
      // drivers/edac/edac_mc.c, edac_ce_error() and edac_ue_error(): since 3.6 with the number of errors and the label
      kind: 'hardware-error',
      pattern: /^EDAC (MC\d{1,4}): (\d{1,9}) (CE|UE)\b(?:.{0,200}? on (\S{1,120}))?/,
      tells: ([, controller = '', errors = '1', , label]) => ({
        count: Math.max(1, Number(errors)),
        device: label === undefined ? controller : `${controller} ${label}`,
      }),
      alike: ([, controller = '', , what = '', label = '']) => `EDAC ${what} ${controller} ${label}`,
    },
    {
      // until 3.5
      kind: 'hardware-error',
      pattern: /^EDAC (MC\d{1,4}): (CE|UE)(?: - no information| (?:page|row)\b)(?:.{0,200}?label "([^"]{1,80})")?/,
      tells: ([, controller = '', , label]) => textAs('device', label === undefined ? controller : `${controller} ${label}`),
      alike: ([, controller = '', what = '', label = '']) => `EDAC ${what} ${controller} ${label}`,
    },
    {
      // drivers/firmware/efi/cper.c: errors of PCIe devices and processors come the same way
      kind: 'hardware-error',
      pattern: /^\{\d{1,10}\}\[Hardware Error\]: {1,8}section(?:_type)?: memory error/,
      alike: () => 'APEI',
    },
    {
      // arch/x86/kernel/cpu/mce/core.c, print_mce()
      kind: 'hardware-error',
      pattern: /^(?:mce: )?\[Hardware Error\]: (CPU \d{1,5}): Machine Check(?: Exception)?: .{1,20}Bank (\d{1,4}): /,
      tells: ([, processor = '', bank = '']) => ({ device: `${processor} bank ${bank}` }),
      alike: ([, , bank = '']) => `machine check bank ${bank}`,
    },
    {
      // drivers/edac/mce_amd.c, the first line of a report
      kind: 'hardware-error',
      pattern:
        /^(?:mce: )?\[Hardware Error\]: (?:Corrected error|Deferred error|System Fatal error|Uncorrected, software|Machine check events logged)/,
    },
    { kind: 'hardware-error', pattern: /^Machine check events logged/ },
    {
      // mm/memory-failure.c, kill_proc(); `MCE 0x…:` until 4.4
      kind: 'hardware-error',
      pattern:
        /^(?:Memory failure: |MCE )0x[0-9a-f]{1,16}: (?:Killing|Sending SIGBUS to|forcibly killing) (.{1,64}):(\d{1,10}) (?:due to|because of)/,
      tells: ([, name = '', pid]) => victim(name, pid),
      alike: ([, name = '']) => `killed ${name}`,
    },
    {
      kind: 'hardware-error',
      pattern: /^(?:Memory failure: |MCE )0x[0-9a-f]{1,16}: (.{1,80})/,
      alike: ([, what = '']) => `page ${what}`,
    },
    {
      // arch/x86/mm/fault.c, do_sigbus()
      kind: 'hardware-error',
      pattern: /^MCE: Killing (.{1,64}):(\d{1,10}) due to hardware memory corruption/,
      tells: ([, name = '', pid]) => victim(name, pid),
      alike: ([, name = '']) => `killed ${name}`,
    },
    { kind: 'hardware-error', pattern: /^(?:mce: )?Uncorrected hardware memory error in user-access/ },
    {
      // arch/powerpc/kernel/mce.c
      kind: 'hardware-error',
      pattern: /^MCE: (CPU\d{1,5}): machine check \(\w{1,20}\).{0,40}\bUE\b/,
      tells: ([, processor]) => textAs('device', processor),
    },
    {
      // mm/madvise.c
      kind: 'hardware-error',
      pattern: /^(?:Injecting memory failure for (?:pfn|page)|Soft offlining (?:pfn|page)) /,
      tells: () => ({ harmless: INJECTED }),
      alike: () => 'injected',
    },
    // mm/memory-failure.c, soft_offline_page(): a page with corrected errors could not be moved
    { kind: 'hardware-error', pattern: /^(?:Memory failure: )?soft[_ ]offline(?:_\w{1,20})?: 0x[0-9a-f]{1,16}: / },
  ],
});
