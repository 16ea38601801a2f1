# Runs in the virtual machine while the fault of the scenario is there. Arguments, in order: `BY=LIST`, or `BY@COMM=LIST` for one process of that
# name, traces the traces of the list by these means, and looks whether anything is left; `killed=BY`, `interrupted=BY` ends memdoctor while
# everything is attached.
mountpoint -q /sys/kernel/tracing || mount -t tracefs nodev /sys/kernel/tracing
mountpoint -q /sys/kernel/debug || mount -t debugfs nodev /sys/kernel/debug
cd /sys/kernel/tracing
cli="node /lab/in/memdoctor.mjs"

# What tracing leaves when it is not cleaned up: processes, programs and events of the kernel, functions patched, instances, triggers, probes.
left() {
  pgrep -lx 'bpftrace|perf.*'
  pgrep -f memdoctor-keeper | sed 's/$/ keeper/'
  find /proc/[0-9]*/fd \( -lname 'anon_inode:bpf-prog' -o -lname 'anon_inode:\[perf_event\]' -o -lname 'anon_inode:bpf-map' \) -printf '%p %l\n' 2> /dev/null
  ls instances
  cat set_event enabled_functions kprobe_events uprobe_events /sys/kernel/debug/kprobes/list
  grep -s '^hist:' {.,instances/*}/events/{vmscan,kmem,writeback,filemap,compaction,migrate,exceptions,oom}/*/trigger
}

for word in "$@"; do
  how=${word%%=*} what=${word#*=} began=$SECONDS
  case $how in
    killed | interrupted)
      $cli trace default --by "$what" --seconds 60 --format json > /lab/out/"$how-$what.json" 2> /lab/out/"$how-$what.err" &
      pid=$!
      # until it is attached, as the look itself tells
      for _ in $(seq 60); do
        sleep 1
        left > "/lab/out/$how-$what-there.txt"
        grep -qE 'bpf-prog|perf_event|:hist:' "/lab/out/$how-$what-there.txt" && break
      done
      sleep 2
      left > "/lab/out/$how-$what-there.txt"
      if [ "$how" = killed ]; then kill -KILL $pid; else kill -INT $pid; fi
      wait $pid 2> /dev/null
      # the keepers wait four seconds for a tool to end
      [ "$how" = killed ] && sleep 7
      ;;
    *)
      of=${how#*@}
      [ "$of" = "$how" ] || of="--pid $(pgrep -x "$of" | head -1)"
      case $of in --pid*) ;; *) of= ;; esac
      timeout 110 $cli trace "$what" --by "${how%@*}" $of --seconds 5 --format json --raw "/lab/out/raw-$how" > "/lab/out/trace-$how.json" 2> "/lab/out/trace-$how.err"
      ;;
  esac
  case $how in killed | interrupted) how=$how-$what ;; esac
  left > "/lab/out/left-$how.txt"
  echo "$word: $((SECONDS - began)) s" >> /lab/out/steps.txt
done
