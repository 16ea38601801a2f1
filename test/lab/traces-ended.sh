# id: traces-ended
# kind: healthy
# cause: memdoctor is killed while it traces, and interrupted: nothing may be left
# primary: none; for the traces
# not: none
# vm: mem=1G data=1 cpus=2
# ready-timeout: 60
# settle: 0
# killed: bpftrace tracefs perf
# interrupted: bpftrace tracefs perf
start(){ app system.slice/search.service searchd stream /data/big1 bytes=300M pause=100; }
ready(){ isready searchd; }
