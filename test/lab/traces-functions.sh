# id: traces-functions
# kind: fault
# cause: as traces-process, of what is traced by functions of the kernel
# primary: none; for the traces
# not: none
# vm: mem=1300M swap=512M data=1 cpus=2
# ready-timeout: 60
# settle: 0
# expect: fentry file-faults swap-in oom
# expect: kprobe file-faults swap-in oom
# expect: fentry@orderd pfaults
# expect: kprobe@orderd pfaults
# expect: tracepoint@orderd pfaults
# the faults of searchd are those of a thread that it started, not of its first one
# expect: tracefs@searchd page-faults
start(){ app system.slice/orders.service orderd anon 900M nothp burst=20M rate=2M
 mkcg lim/swap memory.max=40M; app lim/swap analytics anon 60M nothp loop=phase pause=200
 mkcg lim/file memory.max=60M memory.swap.max=0; app lim/file searchd mapread /data/big1 bytes=200M threads=1 pause=20
 mkcg lim/oom memory.max=16M memory.swap.max=0
 ( while :; do app lim/oom java anon 24M nothp; wait $PID; sleep 1; done ) 2>/dev/null & }
ready(){ isready orderd && isready analytics; }
