# id: traces-process
# kind: fault
# cause: several memory faults at once, for the traces of processes: one that grows, one that lives in swap, one that maps a file larger than its limit, one that is killed at its limit again and again, makers of shared memory, huge pages and arenas
# primary: none; for the traces
# not: none
# vm: mem=1300M swap=512M data=1 cpus=2
# ready-timeout: 60
# settle: 0
# the C library of Debian has no probes of malloc: arenas are not seen by bpftrace
# expect: bpftrace page-faults heap-growth file-faults swap-in shm thp oom
# there is no tracepoint where a page is read from swap, nor a function that a histogram could be set on; arenas are made in user space
# expect: tracefs page-faults heap-growth file-faults shm thp oom
# the growth of a heap is told by the arguments of system calls, which perf stat does not sum
# expect: perf page-faults file-faults swap-in shm thp oom
# expect: perf-stat file-faults shm thp oom
# advice about huge pages leaves no number in /proc
# expect: proc page-faults heap-growth file-faults swap-in malloc-arenas shm oom
# which faults were writes is looked at for one process only
# expect: bpftrace@orderd page-faults
start(){ app system.slice/orders.service orderd anon 900M nothp burst=20M rate=3M
 mkcg lim/swap memory.max=40M; app lim/swap analytics anon 60M nothp loop=phase pause=200
 mkcg lim/file memory.max=60M memory.swap.max=0; app lim/file searchd mapread /data/big1 bytes=200M threads=1 pause=20
 mkcg lim/oom memory.max=16M memory.swap.max=0
 ( while :; do app lim/oom java anon 24M nothp; wait $PID; sleep 2; done ) 2>/dev/null &
 ( while :; do app system.slice/oracle.service oracle shm 4M n=1 exit; wait $PID; app system.slice/redis.service redis thpsparse 2 madvise; sleep 2; kill $PID; wait $PID; done ) 2>/dev/null &
 ( while :; do awk 'BEGIN{for(i=0;i<4000;i++){a[i]="value " i};system("sleep 1");for(i=0;i<4000;i++){b[i]="value " i}}'; done ) &
 # a buffer above 512 bytes is of malloc, and a thread's first makes an arena
 ( while :; do python3 -c 'import threading, time
def work(): held = [bytes(700) for _ in range(400)]; time.sleep(9)
for _ in range(6): threading.Thread(target=work, daemon=True).start(); time.sleep(1)
time.sleep(2)'; done ) & }
ready(){ isready orderd && isready analytics; }
