/** Names that many hosts have in common: they tell nothing of one, and a reader wants to see them. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Programs, as the kernel knows them: cut at 15 bytes. */
export const PROGRAMS = words(`
  agetty amazon-ssm-agen apache2 apt apt-get atd auditd avahi-daemon awk bash beam.smp buildkitd bun busybox c++ cadvisor caddy calico-node
  catatonit cc1 cc1plus ceph-mds ceph-mgr ceph-mon ceph-osd chrome chromium chronyd cilium-agent clamd clamscan clang cliphist cloud-init
  cmake code collectd collectl conmon consul containerd containerd-shim coredns coreutils cp cri-o crio cron crond crun cupsd curl dash
  dbus-broker dbus-broker-lau dbus-daemon dbus-launch dd deno df dhclient dhcpcd dmesg dnf dnsmasq docker docker-init docker-proxy dockerd
  dotnet dovecot dpkg du earlyoom elasticsearch emacs envoy etcd evolution falco ffmpeg filebeat find firefox firefox-bin fish flanneld
  fluent-bit fluentd free freshclam fstrim fwupd gawk gcc gdb gdm getty git gitaly gnome-shell gnome-software go grafana grafana-server grep
  gssproxy gunicorn gzip haproxy head htop httpd influxd init initdb iostat iotop irqbalance iscsid java journalctl k3s kdumpctl
  kernel_task kibana ksmtuned kube-apiserver kube-controller kube-proxy kube-scheduler kubelet ld ld.lld ld.gold less libvirtd lightdm
  lmkd lmkd_reaper logrotate logstash loki lsof lvmetad lxcfs lxd mariadbd master mcelog mdadm memavaild memcached memdoctor minio mlocate
  modprobe ModemManager mongod mongos mount multipathd mysql mysqld nano nautilus ncat netdata networkd-dispat NetworkManager nfsd nginx ninja
  nohang nohang-desktop node node_exporter nodejs nscd nslcd ntpd nvidia-persiste oomd opensearch openvpn packagekitd perl php php-cgi php-fpm
  pickup pipewire plasmashell podman polkitd postgres postmaster power-profiles- prelockd prometheus promtail ps puma pulseaudio puppet
  pvestatd pveproxy pvedaemon python python2 python3 qemu-kvm qemu-system-x86 qemu-system-aar qmgr rabbitmq-server rake redis-server
  registry rngd rpc.mountd rpc.statd rpcbind rpciod rsync rsyslogd rtkit-daemon ruby runc rustc salt-minion sar sddm sed sendmail sh sidekiq
  slapd sleep smartd smbd snapd snmpd solr sort spark splunkd squid ssh ssh-agent sshd sshd-session sssd sssd_be stress stress-ng su sudo
  sulogin supervisord swapoff swapon swapspace syslog-ng syslogd systemctl systemd systemd-hostnam systemd-journal systemd-logind
  systemd-machine systemd-network systemd-oomd systemd-resolve systemd-timedat systemd-timesyn systemd-udevd systemd-userdbd systemd-userwor
  systemd-executo (sd-pam) sysstat tail tar teamd telegraf thermald tini tmux top traefik tuned udevd udisksd unattended-upgr unicorn
  upowerd uresourced uwsgi varnishd vault vector vi vim vmstat vmtoolsd vmware-guestd VGAuthService vmmemctl watch watchdog watchdogd webpack
  wget wireplumber wpa_supplicant xargs xenconsoled xenstored Xorg Xwayland xz yum zabbix_agentd zabbix_server zsh zstd zypper
  psi-notify bustd low-memory-moni numad pgbouncer pmlogger pmcd pmdaproc exim4 fail2ban-server glusterd glusterfsd nginx-debug
  oracle tnslsnr db2sysc hdbindexserver hdbnameserver sqlservr bpftrace perf
`);

/** Threads of the kernel. */
export const KERNEL_THREAD =
  /^(?:kworker\/[\w:+.-]{0,15}|(?:ksoftirqd|migration|cpuhp|idle_inject|watchdog|rcuop|rcuos|rcuog|rcuc|rcub|posixcputmr|irq)\/[\w:.-]{0,15}|rcu_\w{1,15}|k(?:swapd|compactd|hungtaskd|hugepaged|smd|devtmpfs|auditd|threadd|blockd|integrityd|pagefaultd|strp|throtld|auditd|scand|reclaimd|cryptd)\d{0,4}|kthreadd|oom_reaper|writeback|khugepaged|ksmd|jbd2\/[\w-]{1,15}|ext4-\w{1,15}|xfs(?:aild|sync|-\w{1,15})\/?[\w-]{0,15}|btrfs-\w{1,15}|dm_\w{1,15}|md\d{1,3}_\w{1,15}|md\d{1,3}|nfsd|lockd|loop\d{1,3}|scsi_(?:eh|tmf)_\d{1,3}|arc_(?:evict|prune|reap|adapt)|dbuf_evict|dbu_evict|z_\w{1,13}|txg_(?:sync|quiesce)|zfs\w{0,12}|zvol\w{0,11}|l2arc_feed|spl_\w{1,11}|vdev_autotrim|vballoon|hv_balloon|netns|mm_percpu_wq|swapper\/\d{1,4}|napi\/[\w-]{1,15}|card\d-crtc\d|nvme-[\w-]{1,11}|edac-poller|devfreq_wq|inet_frag_wq|slub_flushwq|ata_sff|charger_manager|cryptd|tpm_dev_wq|acpi_thermal_pm|mld|ipv6_addrconf|zswap\d?-?\w{0,10})$/;

/** Parts of paths: of the file systems, and of cgroups. */
export const PARTS = words(`
  / . .. bin boot cache data db debug dev docker efi etc fs hugepages home include init lib lib32 lib64 libexec local lock log lost+found
  media misc mnt modules mqueue net opt pagesize-1G pagesize-2M proc pts root run sbin security selinux share shm spool srv sys sysroot system tmp
  tracing usr user users var volumes www cgroup cgroup2 memory cpu cpuset cpuacct cpu,cpuacct blkio devices freezer pids unified systemd
  kernel bpf pstore config fuse connections binfmt_misc self containerd containers storage overlay overlay2 overlayfs merged diff work rootfs
  kubelet pods kubernetes.io~secret kubernetes.io~projected kubernetes.io~empty-dir k8s.io io.containerd.runtime.v2.task snap snapd core
  lxc lxd lxcfs lxc.payload lxc.monitor libpod_parent libpod podman machine nfs nfsd rpc_pipefs portage swap swapfile swap.img swapfile2
  pagefile node zone_info vm mm transparent_hugepage block class virtual
  proc kmsg status smaps smaps_rollup maps numa_maps cmdline stat statm environ limits fd fdinfo cgroup task mysql postgresql mongodb redis
  init.scope system.slice user.slice machine.slice app.slice session.slice background.slice kubepods kubepods.slice besteffort burstable
  guaranteed kubepods-besteffort.slice kubepods-burstable.slice kubepods-guaranteed.slice kubelet.slice runtime.slice podruntime.slice
  system-getty.slice system-modprobe.slice system-serial\\x2dgetty.slice system-systemd\\x2dfsck.slice system.slice-getty user@.service
  dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount
  run-lock.mount tmp.mount boot.mount boot-efi.mount -.mount home.mount var.mount dev-shm.mount
`);

/** Systemd units without their suffix; of templates, what stands before the `@`. */
export const UNITS = words(`
  accounts-daemon acpid alsa-state amazon-ssm-agent anacron apache2 apparmor apt-daily apt-daily-upgrade atd auditd autofs avahi-daemon
  blk-availability bluetooth caddy ceph-mds ceph-mgr ceph-mon ceph-osd chrony chronyd clamav-daemon cloud-config cloud-final cloud-init
  collectd colord console-getty console-setup containerd cri-o crio cron crond cups cups-browsed dbus dbus-broker dm-event dnf-makecache dnsmasq
  docker dockerd dovecot earlyoom elasticsearch emergency etcd exim4 fail2ban filebeat firewalld fluent-bit fstrim fwupd gdm getty
  getty-static gitlab-runsvdir grafana-server gssproxy haproxy httpd ifup init initrd-switch-root irqbalance iscsid jenkins k3s k3s-agent kdump
  kdump-tools keepalived kibana kmod-static-nodes kubelet ldconfig libvirtd lightdm lm-sensors logrotate logstash lvm2-lvmetad lvm2-monitor lxc
  lxcfs lxd man-db mariadb mcelog mdmonitor memcached ModemManager modprobe mongod monit multipathd munin-node mysql mysqld named netdata
  networkd-dispatcher networking NetworkManager NetworkManager-wait-online nfs-mountd nfs-server nginx nginx-debug node_exporter nohang
  nscd nslcd ntp ntpd ntpsec numad open-vm-tools opensearch openvpn packagekit pacemaker php-fpm php7.4-fpm php8.1-fpm php8.2-fpm php8.3-fpm php8.4-fpm pipewire
  plymouth-quit podman polkit postfix postgresql power-profiles-daemon prometheus prometheus-node-exporter pulseaudio puppet qemu-guest-agent
  rabbitmq-server rc-local redis redis-server rescue resolvconf rngd rpc-statd rpcbind rsync rsyslog rtkit-daemon salt-minion serial-getty
  setvtrgb smartd smartmontools smbd snap.lxd.daemon snapd snmpd splunk squid ssh sshd sssd supervisor swapspace switcheroo-control syslog
  syslog-ng sysstat systemd-backlight systemd-binfmt systemd-boot-update systemd-coredump systemd-cryptsetup systemd-firstboot systemd-fsck systemd-fsck-root
  systemd-hostnamed systemd-hwdb-update systemd-journal-flush systemd-journald systemd-localed systemd-logind systemd-machined systemd-modules-load
  systemd-networkd systemd-networkd-wait-online systemd-oomd systemd-pstore systemd-quotacheck systemd-random-seed systemd-remount-fs systemd-resolved
  systemd-rfkill systemd-sysctl systemd-sysext systemd-sysusers systemd-timedated systemd-timesyncd systemd-tmpfiles-clean
  systemd-tmpfiles-setup systemd-udev-trigger systemd-udevd systemd-update-utmp systemd-user-sessions systemd-userdbd systemd-vconsole-setup
  systemd-zram-setup tailscaled telegraf thermald tomcat tomcat9 tuned udev udisks2 ufw unattended-upgrades unbound upower uuidd uwsgi varnish vault
  vboxadd-service vmtoolsd wpa_supplicant xdm zabbix-agent zabbix-server zfs-zed zramswap user user-runtime-dir machines remote-fs local-fs swap
`);

/** Types of file systems. */
export const FILE_SYSTEMS = words(`
  9p adfs affs afs aufs autofs bcachefs beegfs bfs binder binfmt_misc bpf btrfs ceph cgroup cgroup2 cifs configfs cpuset cramfs debugfs devfs
  devpts devtmpfs dlmfs ecryptfs efivarfs erofs exfat ext2 ext3 ext4 f2fs fuse fuse.ceph fuse.gcsfuse fuse.glusterfs fuse.gvfsd-fuse fuse.lxcfs
  fuse.mergerfs fuse.portal fuse.rclone fuse.s3fs fuse.snapfuse fuse.sshfs fuse.vmware-vmblock fuseblk fusectl gfs2 gpfs hfs hfsplus hugetlbfs
  iso9660 jffs2 jfs lustre minix mqueue msdos nfs nfs3 nfs4 nfsd nilfs2 nsfs ntfs ntfs3 ocfs2 orangefs overlay panfs pipefs proc pstore ramfs
  reiserfs resctrl rootfs rpc_pipefs securityfs selinuxfs smb3 sockfs spufs squashfs sysfs tmpfs tracefs ubifs udf ufs vfat virtiofs vxfs
  wekafs xenfs xfs zfs zonefs none udev dev sys sysctl shm run pts debug tracing systemd-1 hugetlbfs mqueue cgroup fusectl config
`);

/** Names of block devices as the kernel gives them. */
export const DEVICE =
  /^(?:(?:[hsv]|xv|ub)d[a-z]{1,3}\d{0,3}|nvme\d{1,3}(?:c\d{1,3})?n\d{1,3}(?:p\d{1,3})?|mmcblk\d{1,2}(?:p\d{1,3}|boot\d|rpmb)?|dm-\d{1,4}|md\d{1,4}(?:p\d{1,3})?|md_d\d{1,4}|loop\d{1,4}(?:p\d{1,3})?|zram\d{1,3}|ram\d{1,3}|sr\d{1,2}|nbd\d{1,3}(?:p\d{1,3})?|rbd\d{1,3}(?:p\d{1,3})?|drbd\d{1,4}|bcache\d{1,3}|dasd[a-z]{1,3}\d{0,2}|pmem\d{1,3}|fd\d|mtdblock\d{1,2}|mapper|disk|by-uuid|by-id|by-label|zvol|root|tty\w{0,8}|null|zero)$/;

/** Kernel parameters whose values are kept: they say how memory is laid out. */
export const PARAMETERS = words(`
  mem memmap crashkernel hugepages hugepagesz default_hugepagesz hugetlb_cma hugetlb_free_vmemmap cma movablecore kernelcore movable_node numa
  numa_balancing numa_zonelist_order transparent_hugepage transparent_hugepage_shmem transparent_hugepage_tmpfs thp_anon thp_shmem
  cgroup_enable cgroup_disable cgroup_no_v1 cgroup.memory swapaccount systemd.unified_cgroup_hierarchy systemd.legacy_systemd_cgroup_controller
  slub_debug slab_debug slab_nomerge slub_nomerge slab_merge slub_max_order slub_min_objects slab_max_order page_owner debug_pagealloc
  page_poison page_poisoning init_on_alloc init_on_free kasan kasan.mode kfence.sample_interval kmemleak kmsan percpu_alloc vmalloc highmem
  zswap.enabled zswap.compressor zswap.max_pool_percent zswap.zpool psi isolcpus nohz nohz_full rcu_nocbs mitigations iommu intel_iommu
  amd_iommu swiotlb dhash_entries ihash_entries mhash_entries log_buf_len panic panic_on_oops audit selinux apparmor quiet ro rw splash
  loglevel console earlyprintk nokaslr noresume nomodeset maxcpus nr_cpus possible_cpus memory_hotplug.memmap_on_memory memhp_default_state
  page_alloc.shuffle early_page_ext lockdown profile preempt elevator rootflags rootfstype rhgb consoleblank net.ifnames biosdevname
  virtio_balloon ftrace trace_buf_size sysctl.vm.overcommit_memory edac_core mce tsc clocksource processor.max_cstate intel_idle.max_cstate
  idle acpi pci pcie_aspm rootwait rdinit init
`);

/** Members of os-release that tell the distribution and nothing of the site. */
export const RELEASE_MEMBERS = words(
  'NAME VERSION ID ID_LIKE PRETTY_NAME VERSION_ID VERSION_CODENAME UBUNTU_CODENAME PLATFORM_ID VARIANT VARIANT_ID CPE_NAME ANSI_COLOR DEBIAN_VERSION_FULL',
);
