import { defineLayout } from './layout.js';

const commands = (plugin: string, ...names: string[]): string[] => names.map((name) => `sos_commands/${plugin}/${name}`);

/** sos 3 and 4 (sosreport, sos report): RHEL, Fedora, Ubuntu, Debian. What stands at its top are links into sos_commands/. */
export default defineLayout({
  title: 'sosreport',
  docs: 'https://github.com/sosreport/sos/wiki',
  origin: 'sosreport',
  fits: (names) => (names.has('sos_commands') || names.has('sos_reports') ? 2 : names.has('version.txt') && names.has('proc') ? 2 : 0),
  places: {
    'etc/os-release': ['usr/lib/os-release', ...commands('release', 'etc.os-release')],
    'proc/sys/kernel/hostname': [
      'etc/hostname',
      ...commands('host', 'hostname', 'hostname_-f'),
      ...commands('general', 'hostname'),
      'hostname',
    ],
  },
  texts: [
    commands('kernel', 'uname_-a').concat('uname'),
    [...commands('host', 'uptime'), ...commands('general', 'uptime'), ...commands('process', 'uptime'), 'uptime'],
    commands('kernel', 'sysctl_-a'),
    commands('kernel', 'lsmod').concat('lsmod'),
    commands('memory', 'free', 'free_-k', 'free_-m', 'free_-h').concat('free'),
    commands('memory', 'swapon_--bytes_--show', 'swapon_--summary_--verbose', 'swapon_-s', 'swapon_-v'),
    commands('memory', 'slabtop_-o', 'slabtop_-o_-s_c'),
    commands('memory', 'lsmem_*'),
    commands('numa', 'numastat_-m'),
    commands('numa', 'numastat'),
    commands('numa', 'numactl_--hardware'),
    [...commands('sysvipc', 'ipcs_-a', 'ipcs', 'ipcs_-m'), ...commands('kernel', 'ipcs')],
    [...commands('filesys', 'df_-al_-x_autofs', 'df_-ali_-x_autofs', 'df_-al', 'df_-h'), 'df'],
    [...commands('libraries', 'getconf_-a'), ...commands('general', 'getconf_-a'), ...commands('host', 'getconf_-a'), 'getconf'],
    commands('process', 'top_-b_-n_1'),
    // the fields of one list: those of the others are of another moment
    commands('process', 'ps_auxwwwm', 'ps_auxwww', 'ps_auxww', 'ps_aux', 'ps_alxwww', 'ps_axo_*').concat('ps'),
    commands('virsh', 'vmstat_*'),
  ],
  logs: [
    ...commands('kernel', 'dmesg', 'dmesg_-T', 'dmesg_--time-format_iso'),
    'dmesg',
    'var/log/dmesg',
    ...commands(
      'logs',
      'journalctl_--no-pager_--catalog_--boot_*dmesg*',
      'journalctl_--no-pager_--boot_-k',
      'journalctl_--no-pager_--dmesg',
    ),
    ...commands(
      'logs',
      'journalctl_--no-pager_--catalog_--boot',
      'journalctl_--no-pager_--boot',
      'journalctl_--all_--this-boot_--no-pager',
      'journalctl_--no-pager',
    ),
    'var/log/messages',
    'var/log/syslog',
    'var/log/kern.log',
    'var/log/messages-*',
    'var/log/syslog.1',
    'var/log/kern.log.1',
    ...commands('logs', 'journalctl_--no-pager_--catalog_--boot_-1', 'journalctl_--no-pager_--boot_-1', 'tail_of_messages*'),
  ],
  dates: [
    ...commands('systemd', 'timedatectl'),
    ...commands('ntp', 'timedatectl'),
    ...commands('date', 'date', 'date_--utc'),
    ...commands('host', 'date'),
    ...commands('general', 'date'),
    'date',
  ],
  sar: ['var/log/sa/sar*', 'var/log/sysstat/sar*', 'sos_commands/sar/sar*'],
});
