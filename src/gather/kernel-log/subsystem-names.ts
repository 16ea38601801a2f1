/** Function names begin so: the subsystem whose work the allocation was. The first row that fits a function counts. */
export const WORK: Readonly<Record<string, string>> = {
  xfs: 'xfs_ xlog_',
  ext4: 'ext4_ __ext4_ ext3_',
  jbd2: 'jbd2_ journal_commit_transaction',
  btrfs: 'btrfs_ __btrfs_',
  nfs: 'nfs_ nfs3_ nfs4_ nfsd svc_ rpc_ xprt_ xs_tcp __rpc_',
  f2fs: 'f2fs_',
  gfs2: 'gfs2_',
  ocfs2: 'ocfs2_',
  ceph: 'ceph_ __ceph_ rbd_',
  cifs: 'cifs_ smb2_ SMB2_ cifsd',
  fuse: 'fuse_',
  overlayfs: 'ovl_',
  zfs: 'zfs_ zpl_ spl_ arc_ abd_ dmu_ zio_ vdev_',
  reiserfs: 'reiserfs_',
  squashfs: 'squashfs_',
  usb: `
    usb_ usbdev_ usbfs_ hcd_ xhci_ ehci_ ohci_ uhci_ dwc2_ dwc3_ uvc_ hub_ proc_do_submiturb ffs_ gadget_ usb_gadget __usb_`,
  gpu: 'drm_ ttm_ i915_ amdgpu_ radeon_ nouveau_ nv50_ nvkm_ vmw_ virtio_gpu_ intel_gt_ xe_ kbase_ kgsl_ nvidia _nv0',
  kvm: 'kvm_ vmx_ svm_ vhost_ kvmppc_ __kvm_',
  xen: 'xen_ xenbus_ xenwatch_ gnttab_ backend_ netback_ netfront_ xennet_ blkif_',
  bpf: 'bpf_ __bpf_ __sys_bpf htab_ array_map_ do_check check_mem_',
  netfilter: 'nf_ nft_ ipt_ xt_ ebt_ __nf_ nf_conntrack translate_table',
  sound: 'snd_',
  media: 'vb2_ v4l2_ video_ __video_ vivid_ dvb_',
  infiniband: 'ib_ rdma_ mlx4_ib mlx5_ib ipoib_ rxe_ siw_',
  wireless: 'ieee80211_ cfg80211_ ath9k_ ath10k_ ath11k_ iwl_ iwlwifi mt76_ brcmf_ rtw_ nl80211_ rtl_',
  bluetooth: 'hci_ l2cap_ btusb_',
  scsi: `
    scsi_ __scsi_ sd_ sg_build_ sg_common_ sg_ioctl sg_write sg_open sg_start mpt2sas_ mpt3sas_ mptsas_ megasas_ qla2x qla24 lpfc_
    iscsi_ aac_ hpsa_ ata_ __ata_ ahci_ st_ pqi_ target_ bsg_`,
  nvme: 'nvme_ nvmet_',
  mmc: 'mmc_ sdhci_ mmcblk_',
  raid: 'md_ raid0_ raid1_ raid10_ raid5_ bch_ cached_dev_ handle_stripe add_stripe r5c_ alloc_stripe',
  'device mapper': 'dm_ crypt_ thin_ __dm_ kcryptd dmcrypt_',
  zram: 'zram_',
  zswap: 'zswap_',
  loop: 'loop_ lo_rw_',
  module: `
    load_module init_module __do_sys_init_module __do_sys_finit_module module_alloc move_module layout_and_allocate do_init_module
    sys_init_module SyS_init_module SyS_finit_module`,
  perf: 'perf_ rb_alloc ring_buffer_ tracing_ ftrace_ trace_',
  netlink: 'netlink_ rtnl_ rtnetlink_ genl_',
  net: `
    tcp_ __tcp_ ip_ ip6_ ipv6_ udp inet_ inet6_ sock_ __sock_ sk_ skb_ __skb_ __alloc_skb alloc_skb __netdev_alloc __napi_ napi_
    net_rx_ net_tx_ __netif_ netif_ dev_queue_xmit __dev_ dev_hard_ arp_ neigh_ packet_ unix_ sctp_ tipc_ page_pool_ page_frag_
    e1000 igb_ ixgbe i40e_ ice_ bnx2 bnxt_ tg3_ mlx4_en mlx5e_ r8152 rtl8 r8169 virtnet_ vmxnet3_ ena_ fec_ stmmac_ macb_ gve_
    mana_ hns3_ pskb_ kernel_sendmsg kernel_recvmsg __sys_sendto __sys_recv sys_sendto tun_ macvlan_ br_ bond_ ppp_ wg_`,
  cgroup: 'cgroup_ mem_cgroup_css_alloc css_create cgroup1_',
  fork: `
    copy_process _do_fork do_fork kernel_clone dup_task_struct alloc_thread_ dup_mm copy_mm copy_page_range copy_pte_range
    sys_clone __do_sys_clone`,
  exec: `
    do_execve load_elf_ __do_execve bprm_ copy_strings get_arg_page setup_arg_pages search_binary_handler exec_binprm sys_execve
    begin_new_exec`,
  sysctl: 'proc_sys_ proc_do __do_proc_',
  proc: 'proc_ show_map meminfo_ pid_',
  sysfs: 'sysfs_ kernfs_ debugfs_ configfs_',
  pipe: 'pipe_ alloc_pipe_info fifo_open create_pipe_files do_pipe',
  tty: 'tty_ n_tty_ pty_ vc_ con_ serial_ uart_',
  ipc: 'load_msg alloc_msg do_msg do_sem newseg shm_ do_shmat mqueue_',
  epoll: `
    ep_ do_epoll sys_epoll do_poll do_sys_poll core_sys_select do_select eventfd_ inotify_ fanotify_ fsnotify_ timerfd_`,
  io_uring: 'io_uring_ io_submit_sq io_issue_ io_sqe_ io_register_',
  security: 'selinux_ security_ avc_ apparmor_ aa_ audit_ ima_ tomoyo_',
  crypto: 'crypto_ shash_ ahash_ skcipher_ aead_ alg_',
  firmware: 'request_firmware _request_firmware fw_get_ firmware_',
  pci: 'pci_ pcie_ __pci_',
  acpi: 'acpi_',
  hugetlb: `
    hugetlb_ alloc_pool_huge alloc_fresh_huge alloc_buddy_huge alloc_surplus_huge __nr_hugepages nr_hugepages_ set_max_huge
    gather_surplus`,
  block: 'blk_ __blk_ blkdev_ elv_ cfq_ bfq_ dd_ virtblk_ buffer_ do_blockdev_direct',
};

/** What all of them go through: told only when nothing more particular is in the trace; the last two when nothing else is. */
export const THROUGH: Readonly<Record<string, string>> = {
  tmpfs: 'shmem_ __shmem_',
  block: 'bio_ __bio_ bvec_ alloc_buffer_head mpage_ iomap_ __getblk sb_bread __bread alloc_page_buffers submit_bio',
  dma: 'dma_ __dma_ iommu_ __iommu_ swiotlb_ intel_map_ intel_alloc_ arm_dma_',
  proc: 'seq_ single_open',
  thp: `
    khugepaged collapse_huge_page do_huge_pmd __do_huge_pmd hpage_collapse alloc_charge_hpage vma_alloc_folio_hugepage`,
  compaction: 'compact_ kcompactd migrate_pages proactive_compact',
  swap: `
    swap_readahead swapin_ read_swap_cache __read_swap_cache do_swap_page swap_writepage __swap_writepage add_to_swap`,
  'page cache': `
    filemap_ __filemap_ page_cache_ __page_cache_ __do_page_cache ra_submit ondemand_readahead force_page_cache grab_cache_page
    generic_file_ pagecache_get add_to_page_cache generic_perform_write page_cache_ra_`,
  'page fault': `
    do_anonymous_page do_wp_page wp_page_copy do_cow_fault alloc_anon_folio handle_mm_fault __handle_mm_fault handle_pte_fault
    do_page_fault __do_page_fault exc_page_fault do_user_addr_fault do_fault do_read_fault __do_fault do_translation_fault
    do_mem_abort do_page_mkwrite fault_in_`,
  'page tables': 'pte_alloc __pte_alloc __pmd_alloc __pud_alloc pgd_alloc pmd_alloc',
  reclaim: `
    shrink_ try_to_free_ do_try_to_free balance_pgdat kswapd shrink_slab do_shrink_slab evict_folios try_to_shrink_lruvec`,
  vmalloc: 'vmalloc __vmalloc vzalloc kvmalloc __kvmalloc vmap',
  slab: `
    new_slab allocate_slab ___slab_alloc __slab_alloc kmem_cache_ __kmalloc kmalloc cache_grow cache_alloc fallback_alloc refill_
    alloc_loc_track __kmem_cache kmem_getpages slab_`,
};
