# id: traces-kernel
# kind: fault
# cause: several memory faults at once, for the traces of the kernel's own work: a service throttled at memory.high, one that streams a file under memory.max, one that reads a file larger than RAM, one that takes huge pages, two that write more than the disk can take
# primary: none; for the traces
# not: none
# vm: mem=900M swap=256M data=1 slow=900M slow-bps=6M cpus=2
# ready-timeout: 60
# settle: 0
# expect: bpftrace reclaim kswapd vmscan compaction dirty-throttling slab page-allocations
# expect: tracefs reclaim kswapd vmscan compaction dirty-throttling slab page-allocations
# perf stat only counts what vmscan does, and that is its only form by perf
# expect: perf reclaim kswapd vmscan compaction dirty-throttling slab page-allocations
# perf stat has no form for pauses of writers and for callers: a count would say nothing of them
# expect: perf-stat reclaim kswapd vmscan compaction slab
# expect: proc reclaim kswapd vmscan compaction dirty-throttling slab page-allocations
start(){ wfile /proc/sys/vm/dirty_background_bytes 8388608; wfile /proc/sys/vm/dirty_bytes 25165824
 mkcg system.slice/worker.service memory.high=30M memory.swap.max=0; app system.slice/worker.service celery anon 60M nothp
 mkcg system.slice/batch.service memory.max=30M; app system.slice/batch.service indexer stream /data/big1 bytes=400M pause=200
 app system.slice/search.service searchd stream /data/big1 bytes=1500M pause=15
 app system.slice/logger.service loggerd write /slow/app.log 300M loop
 app system.slice/audit.service auditor write /slow/audit.log 300M rate=4M loop
 app system.slice/encoder.service encoder churn 30M huge pause=1500
 ( while :; do echo 1 > /proc/sys/vm/compact_memory; sleep 4; done ) &
 ( while :; do nice -n 19 ls -lR /usr/lib/python3 > /dev/null 2>&1; sleep 3; done ) & }
ready(){ mi MemFree; isready encoder && [ $R -lt 120000 ]; }
# the slow disk would never be done with what they write
stop(){ pkill -KILL 'loggerd|auditor'; }
