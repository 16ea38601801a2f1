#!/bin/sh
# memdoctor's collector: writes what the kernel says about memory on this host to one archive, for `memdoctor diagnose ARCHIVE`.
#
# Collected: the files named below (/proc, /sys, /etc/os-release), the state and sizes of every process, what the open files and
# mappings of the largest are, the limits and usage of cgroups, and the kernel log. Command lines, which may hold secrets, of the ten largest processes only, as they are: look at
# proc/*/cmdline in the archive before you pass it on. Never environments, contents of files or memory.
#
# Changed: nothing but a private directory for the time of the run, and the archive. As root it sees more; it runs without, too.
# Needed: a POSIX shell, cat, cp, date, grep, gzip, head, ls, mkdir, mv, rm, sed, sleep, sort, tail, tar, uname. No awk, Python or Perl.
# Every read is done by a child process with a deadline: one that does not come back costs that file only.
# shellcheck disable=SC2034,SC2094,SC2086,SC2046,SC2015 # unused words of a line; lists of names without blanks that are split on purpose

# @generated

NL='
'
TAB=$(printf '\t')
LC_ALL=C
export LC_ALL
unset CDPATH GREP_OPTIONS TAR_OPTIONS GZIP
umask 077

usage() {
  cat <<END
usage: sh collect.sh [-d SECONDS] [-i SECONDS] [-o FILE]

Writes memdoctor-HOST-DATE.tar.gz to the current directory, for 'memdoctor diagnose'.
  -d, --duration SECONDS  how long to watch: 2 to 3600 (default 10); 0 for one sample and no rates
  -i, --interval SECONDS  between the small samples (default 1)
  -o, --output FILE       write the archive there; it gets its name only when it is whole
      --root DIR          read another root: a mounted image, the host as a container sees it
  -h, --help              this
END
}

fail() {
  printf 'collect.sh: %s\n' "$1" >&2
  exit 2
}

# Sets CENTI to the hundredths of a number of seconds; false when it is none.
centiseconds() {
  case $1 in '' | . | *[!0-9.]* | *.*.* | ?????????*) return 1 ;; esac
  case $1 in *.*) c_part=${1#*.}00 ;; *) c_part=00 ;; esac
  c_whole=${1%%.*}
  while :; do case $c_whole in 0?*) c_whole=${c_whole#0} ;; *) break ;; esac; done
  c_part=${c_part%"${c_part#??}"}
  CENTI=$((${c_whole:-0} * 100 + ${c_part#0}))
}

# --- clean-up, time -------------------------------------------------------------------------------------------------------------

T='' PARTIAL='' JOB='' DOG='' NAP='' NUMBER=0

cleanup() {
  trap '' INT TERM HUP
  for k_pid in $JOB $DOG $NAP; do kill "$k_pid" 2>/dev/null; done
  [ -z "$PARTIAL" ] || rm -f "$PARTIAL"
  [ -z "$T" ] || rm -rf "$T"
}

# Sets UPTIME (seconds since boot, as printed) and NOW (hundredths of a second since the script began).
now() {
  if ! { read -r UPTIME n_rest </proc/uptime; } 2>/dev/null; then UPTIME=$(date +%s).00; fi
  n_part=${UPTIME#*.}
  NOW=$(((${UPTIME%%.*} - BEGIN) * 100 + ${n_part#0}))
}

# Sleeps so many hundredths of a second, and can be interrupted.
snooze() {
  [ "$1" -gt 0 ] || return 0
  if [ -n "$FRACTIONS" ]; then s_time=$(($1 / 100)).$(($1 / 10 % 10))$(($1 % 10)); else s_time=$((($1 + 99) / 100)); fi
  sleep "$s_time" &
  NAP=$!
  # the watchdog may wake it too early
  while ! wait "$NAP" && kill -0 "$NAP" 2>/dev/null; do :; done
  NAP=''
}

# Looks every half second whether the read that goes on is over its time, and says so until it is heard.
watchdog() {
  trap 'kill "$!" 2>/dev/null; exit 0' TERM
  while [ -d "$T" ] && kill -0 "$$" 2>/dev/null; do
    sleep "${FRACTIONS:+0.}${FRACTIONS:-1}" &
    wait "$!"
    { read -r d_number d_until <"$T/watch" && now; } 2>/dev/null || continue
    [ "$NOW" -ge "${d_until:-$NOW$NOW}" ] || continue
    : >"$T/late-$d_number"
    kill -USR1 "$$"
  done
}

# Runs a command in the background, at most so many seconds; LATE is set when it had to be killed. A process that sleeps in the
# kernel cannot be killed: it is left behind, and not waited for.
timed() {
  t_seconds=$1
  shift
  LATE=''
  NUMBER=$((NUMBER + 1))
  now
  echo "$NUMBER $((NOW + t_seconds * 100))" >"$T/watch"
  "$@" </dev/null &
  JOB=$!
  while :; do
    wait "$JOB" 2>/dev/null
    t_status=$?
    if [ -e "$T/late-$NUMBER" ]; then
      LATE=1
      break
    fi
    if [ "$t_status" -le 128 ] || ! kill -0 "$JOB" 2>/dev/null; then break; fi
  done
  echo "$NUMBER 999999999" >"$T/watch"
  if [ -n "$LATE" ]; then
    kill "$JOB" 2>/dev/null
    snooze 20
    kill -9 "$JOB" 2>/dev/null
  fi
  JOB=''
  return "$t_status"
}

# --- copying files --------------------------------------------------------------------------------------------------------------

LIST='' COUNT=0 DEADLINE=5 STUCK=$NL STRIKES=0 UNREAD=0

# Puts one file on the list of those to be copied to $D.
add() {
  LIST=$LIST$1$NL
  COUNT=$((COUNT + 1))
  [ "$COUNT" -lt 300 ] || flush
}

# Copies what is on the list; what cannot be read is noted. One process copies many files: one each would take too long.
flush() {
  [ "$COUNT" -gt 0 ] || return 0
  timed "$DEADLINE" copy_list 2>"$T/errors"
  f_count=$COUNT f_late=$LATE f_unclear='' f_told=$NL f_gone=''
  while IFS= read -r f_error; do
    f_path=${f_error#*can\'t }
    case $f_path in
      *\'*\'*)
        f_path=${f_path#*\'}
        f_path=${f_path%\'*}
        f_told=$f_told$f_path$NL
        judge "$f_path" "${f_error##*: }"
        ;;
      *) f_unclear=1 ;;
    esac
  done <"$T/errors"
  # some programs do not name the file that they could not read, and one that was killed says nothing
  if [ -n "$f_late$f_unclear" ]; then
    f_list=$LIST f_tries=0
    while IFS= read -r LIST; do
      [ -n "$LIST" ] && ! [ -s "$D/$LIST" ] || continue
      case $f_told in *"$NL$LIST$NL"*) continue ;; esac
      one_more
    done <<END
$f_list
END
  fi
  [ -z "$f_gone" ] || remove "$f_gone"
  LIST='' COUNT=0
}

# Reads the one file of LIST again, alone.
one_more() {
  if [ "$f_tries" -ge 3 ] || [ "$STRIKES" -ge 12 ]; then
    note "$LIST" timeout 'not tried: reads before it did not come back'
    return
  fi
  if [ "$f_count" -gt 1 ] || [ -z "$f_late" ]; then timed 1 copy_each 2>"$T/one" || :; else LATE=1; fi
  if [ -n "$LATE" ]; then
    f_tries=$((f_tries + 1)) STRIKES=$((STRIKES + 1)) STUCK=$STUCK$LIST$NL
    note "$LIST" timeout 'did not come back in time'
    f_gone=$f_gone$LIST$NL
  elif IFS= read -r f_error <"$T/one"; then
    judge "$LIST" "${f_error##*: }"
  fi
}

# In the background: copies the files of LIST; errors on stderr.
copy_list() {
  IFS=$NL
  set -f
  ulimit -f 131072 2>/dev/null # 64 MiB a file
  child=
  trap '[ -z "$child" ] || kill -9 "$child"; exit 1' TERM
  w_some=
  for w_path in $LIST; do
    case $STUCK in
      *"$NL$w_path$NL"*) printf "'%s': it did not come back before\n" "$w_path" >&2 && continue ;;
    esac
    if [ -n "$FOREIGN" ] && [ -h "$w_path" ] && leads_out "$w_path"; then
      printf "'%s': Permission denied\n" "$w_path" >&2
    elif [ -f "$w_path" ] || ! [ -e "$w_path" ]; then
      w_some=$w_some$w_path$NL
    else
      printf "'%s': not a regular file\n" "$w_path" >&2
    fi
  done
  [ -n "$w_some" ] || return 0
  LIST=$w_some
  if [ -n "$COPY" ]; then
    IFS=" $NL"
    w_copy=$COPY
    set -- $w_copy
    IFS=$NL
    [ "$COUNT" -gt 1 ] || exec "$@" $LIST "$D"
    "$@" $LIST "$D" &
    child=$!
    wait "$child"
  else
    copy_each
  fi
}

# The slow way, for a cp that cannot do it: a cat for each file.
copy_each() {
  child=
  trap '[ -z "$child" ] || kill -9 "$child"; exit 1' TERM
  IFS=$NL
  set -f
  ulimit -f 131072 2>/dev/null
  for w_path in $LIST; do
    case $w_path in */*) [ -d "$D/${w_path%/*}" ] || mkdir -p "$D/${w_path%/*}" ;; esac
    cat "$w_path" >"$D/$w_path" 2>"$T/cat" &
    child=$!
    wait "$child" || { IFS= read -r w_error <"$T/cat" && printf "'%s': %s\n" "$w_path" "${w_error##*: }" >&2; }
  done
}

# True for a link whose place is not below another root.
leads_out() {
  w_target=$(readlink "$1" 2>/dev/null) || return 0
  case $w_target in /*) return 0 ;; esac
  return 1
}

# Why a file could not be read, from what the C library calls the error.
judge() {
  case $2 in
    'No such '* | 'Not a directory') j_status=absent ;;
    'Permission denied') j_status=denied j_reason=EACCES ;;
    'Operation not permitted') j_status=denied j_reason=EPERM ;;
    'Invalid argument') j_status=unsupported j_reason=EINVAL ;;
    'Operation not supported' | 'Not supported') j_status=unsupported j_reason=ENOTSUP ;;
    'Input/output error') j_status=failed j_reason=EIO ;;
    'it did not come back before') j_status=timeout j_reason="not tried: $2" ;;
    *) j_status=failed j_reason=$2 ;;
  esac
  [ ! -e "$D/$1" ] || f_gone=$f_gone$1$NL
  [ "$j_status" = absent ] || note "$1" "$j_status" "$j_reason"
}

note() {
  UNREAD=$((UNREAD + 1))
  [ "$UNREAD" -gt 5000 ] || printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$T/unread-$N"
}

# Removes what is left of copies that failed.
remove() (
  IFS=$NL
  set -f
  cd "$D" && rm -f $1
)

# Chooses the copier: cp, which must make directories that can be written to, and copy files whose size is not known beforehand.
choose_copier() {
  for COPY in 'cp --parents --no-preserve=mode' 'cp --parents' ''; do
    [ -n "$COPY" ] || return 0
    mkdir "$T/try"
    if (cd / && $COPY proc/version "$T/try" && $COPY proc/sys/kernel/ostype proc/sys/vm/swappiness "$T/try") 2>/dev/null; then
      t_wanted=$(cd / && cat proc/version proc/sys/kernel/ostype proc/sys/vm/swappiness)
      t_found=$(cd "$T/try" && cat proc/version proc/sys/kernel/ostype proc/sys/vm/swappiness)
      rm -rf "$T/try"
      [ "$t_wanted" != "$t_found" ] || return 0
    fi
    rm -rf "$T/try"
  done
}

# --- processes ------------------------------------------------------------------------------------------------------------------

MOST_PROCESSES=10000 MOST_LINKS=20000

# Reads what a list of FILE:OF:MOST:ALONE:WHERE asks of processes.
walk_processes() {
  [ -n "$1" ] || return 0
  for p_entry in $1; do
    case $p_entry in *:all:*) ;; *) continue ;; esac
    p_file=${p_entry%%:*}
    case $p_done in *" $p_file "*) continue ;; esac
    p_done="$p_done$p_file "
    every_process "$p_file"
  done
  flush
  rank_processes >"$T/ranks"
  p_openers=''
  for p_entry in $1; do
    IFS=:
    set -- $p_entry
    IFS=" $TAB$NL"
    [ "$2" != all ] || continue
    [ -z "${5-}" ] || [ -e "$5" ] || continue
    for p_pid in $(chosen "$2" "$3"); do
      p_path=proc/$p_pid/$1
      case $p_done in *" $p_path "*) continue ;; esac
      p_done="$p_done$p_path "
      if [ "$1" = fd.links ]; then
        p_openers="$p_openers$p_pid "
      elif [ -n "$4" ]; then
        # what may wait for a lock of the process is read by itself
        flush
        DEADLINE=1
        add "$p_path"
        flush
        DEADLINE=5
      else
        add "$p_path"
      fi
    done
  done
  flush
  [ -z "$p_openers" ] || open_files "$p_openers"
}

# Puts one file of all processes on the list; of very many only those with the most resident memory are kept.
every_process() {
  p_name=$1
  set -- proc/[1-9]*
  [ -d "$1" ] || return 0
  if [ $# -gt "$MOST_PROCESSES" ]; then
    [ -n "$p_kept" ] || {
      p_kept=$(most_resident "$@")
      note "$1/stat" failed "of $# processes the $MOST_PROCESSES largest were kept"
    }
    set -- $p_kept
  fi
  for p_dir; do add "$p_dir/$p_name"; done
}

most_resident() {
  for p_dir; do
    { read -r p_size p_resident p_rest <"$p_dir/statm" && printf '%s %s\n' "$p_resident" "$p_dir"; } 2>/dev/null
  done | sort -k1,1nr | head -n "$MOST_PROCESSES" | cut -d' ' -f2
}

# From the copies of status, a line for each process that is none of the kernel's, or waits:
# id, anonymous memory and swap, resident, address space, threads, room for open files, pinned, waits, may not use all nodes, not divided
rank_processes() {
  p_nodes=
  for p_file in sys/devices/system/node/has_memory sys/devices/system/node/online; do
    [ ! -f "$p_file" ] || { IFS= read -r p_nodes <"$p_file" && break; }
  done
  (
    cd "$D" || exit
    set -- proc/[1-9]*/status
    [ -f "$1" ] || exit
    grep -E '^(State|FDSize|VmSize|VmPin|VmRSS|RssAnon|RssShmem|VmSwap|Threads|Mems_allowed_list):' "$@" /dev/null
    echo 'proc/0/status:end:0'
  ) 2>/dev/null | {
    p_last=0 p_vsize='' p_state=-
    while IFS=":/ $TAB" read -r p_proc p_pid p_status p_key p_value p_rest; do
      if [ "$p_pid" != "$p_last" ]; then
        # without memory are those of the kernel and those that have ended
        [ -n "$p_vsize" ] || case $p_state in Z) p_vsize=0 ;; D) p_memory=-1 p_vsize=0 ;; esac
        [ "$p_last" = 0 ] || [ -z "$p_vsize" ] ||
          echo "$p_last $p_memory $p_rss $p_vsize $p_threads $p_slots $p_pinned $p_state $p_narrow $p_undivided"
        p_last=$p_pid p_memory=0 p_rss=0 p_vsize='' p_threads=0 p_slots=0 p_pinned=0 p_state=- p_narrow=0 p_undivided=0
      fi
      case $p_key in
        State) p_state=$p_value ;;
        FDSize) p_slots=$p_value ;;
        VmSize) p_vsize=$p_value ;;
        VmPin) p_pinned=$p_value ;;
        VmRSS) p_rss=$p_value p_memory=$p_value p_undivided=1 ;;
        RssAnon) p_memory=$p_value p_undivided=0 ;;
        RssShmem | VmSwap) p_memory=$((p_memory + p_value)) ;;
        Threads) p_threads=$p_value ;;
        Mems_allowed_list) [ "$p_value" = "$p_nodes" ] || p_narrow=1 ;;
      esac
    done
  }
}

# The ids of the first MOST by a column of the ranks.
chosen() {
  case $1 in
    memory) sort -k2,2nr -k1,1n "$T/ranks" | grep -v '^[0-9]* -' ;;
    rss) sort -k3,3nr -k1,1n "$T/ranks" | grep -v '^[0-9]* -*[0-9]* [0-9]* 0 ' ;;
    vsize) sort -k4,4nr -k1,1n "$T/ranks" | grep -v '^[0-9]* -*[0-9]* [0-9]* 0 ' ;;
    threads) sort -k5,5nr -k1,1n "$T/ranks" | grep -v '^[0-9]* -*[0-9]* [0-9]* 0 ' ;;
    slots) sort -k6,6nr -k2,2nr -k1,1n "$T/ranks" | grep -v '^[0-9]* -*[0-9]* [0-9]* 0 ' ;;
    pinned) sort -k7,7nr -k2,2nr -k1,1n "$T/ranks" | grep -v '^\([^ ]* \)\{6\}0 ' ;;
    blocked) grep -E '^([^ ]* ){7}D ' "$T/ranks" ;;
    narrow) sort -k3,3nr -k1,1n "$T/ranks" | head -n 30 | sort -k9,9nr -k3,3nr -k1,1n ;;
    undivided) grep ' 1$' "$T/ranks" ;;
  esac | head -n "${2:-$MOST_PROCESSES}" | cut -d' ' -f1
}

# fd.links of some processes: what their open files are, a line "number target" each; the links are not followed.
open_files() {
  timed 3 list_links "$1" >"$T/links" 2>"$T/errors"
  p_links='' p_count=0
  while IFS= read -r p_line; do
    case $p_line in
      proc/*/fd:)
        links_done
        p_links=$D/${p_line%:}.links p_count=0
        mkdir -p "${p_links%/*}"
        : >"$p_links"
        ;;
      l*' -> '*)
        p_number=${p_line%%' -> '*} p_line=${p_line#*' -> '} p_count=$((p_count + 1))
        case $p_line in *\\*) p_line=$(printf '%s\n' "$p_line" | sed 's/\\/\\\\/g') ;; esac
        [ "$p_count" -gt "$MOST_LINKS" ] || printf '%s %s\n' "${p_number##* }" "$p_line" >&3
        ;;
    esac 3>>"${p_links:-/dev/null}"
  done <"$T/links"
  links_done
  f_gone=''
  while IFS= read -r p_error; do
    p_path=${p_error#*proc/}
    p_path=proc/${p_path%%/*}/fd.links
    # one that was closed meanwhile is no error, one denial holds for all
    case $p_error$p_done in
      *': No such '* | *"$p_path denied "*) ;;
      *proc/*)
        p_done="$p_done$p_path denied "
        rm -f "${D:?}/$p_path"
        judge "$p_path" "${p_error##*: }"
        ;;
    esac
  done <"$T/errors"
  [ -z "$LATE" ] || for p_pid in $1; do
    [ -e "$D/proc/$p_pid/fd.links" ] || note "proc/$p_pid/fd.links" timeout 'did not come back within 3 s'
  done
}

# How many there are, when not all were taken.
links_done() {
  [ "$p_count" -le "$MOST_LINKS" ] || echo "total $p_count" >>"$p_links"
}

list_links() {
  trap 'kill -9 "$child"; exit 1' TERM
  set --
  for w_pid in $p_openers; do set -- "$@" "proc/$w_pid/fd"; done
  # with one directory ls does not name it
  ls -ln "$@" /dev/null &
  child=$!
  wait "$child"
}

# --- cgroups --------------------------------------------------------------------------------------------------------------------

# Sets CG to the mount point of the memory controller (without its first slash), CG_VERSION and CG_ROOT; false when there is none.
find_cgroups() {
  CG='' CG_VERSION='' CG_ROOT=/ g_any=''
  set -f
  while read -r g_id g_parent g_device g_root g_point g_rest; do
    case $g_rest in *' - cgroup '* | *' - cgroup2 '*) ;; *) continue ;; esac
    g_any=1
    set -- ${g_rest##* - }
    case $1,${3-}, in
      cgroup2,*) g_version=2 ;;
      *,memory,*) g_version=1 ;;
      *) continue ;;
    esac
    case $CG_VERSION$g_version in 12) continue ;; 21) CG='' ;; esac
    # of several mounts of one hierarchy the usual one, then the shortest
    case ${g_point#/} in sys/fs/cgroup | sys/fs/cgroup/*) g_rank=1 ;; *) g_rank=2 ;; esac
    if [ -z "$CG" ] || [ "$g_rank" -lt "$CG_RANK" ] || { [ "$g_rank" = "$CG_RANK" ] && [ "${#g_point}" -lt $((${#CG} + 1)) ]; }; then
      CG=$(printf '%b' "${g_point#/}") CG_RANK=$g_rank CG_VERSION=$g_version CG_ROOT=$g_root
    fi
  done <"$T/mounts"
  set +f
  [ -z "$CG$g_any" ] || { [ -n "$CG" ] && return 0; } || return 1
  if [ -e sys/fs/cgroup/memory/memory.usage_in_bytes ]; then
    CG=sys/fs/cgroup/memory CG_VERSION=1
  elif [ -e sys/fs/cgroup/cgroup.procs ] || [ -e sys/fs/cgroup/memory.stat ]; then
    CG=sys/fs/cgroup CG_VERSION=2
  else
    return 1
  fi
}

# Sets CG_CHAIN to the own cgroup and those above it, between line breaks.
own_chain() {
  g_own=
  { while IFS=: read -r g_id g_controllers g_path; do
    case $CG_VERSION,$g_id,",$g_controllers," in
      2,0,,,) g_own=$g_path ;;
      1,*,*,memory,*) g_own=$g_path ;;
    esac
  done <"$D/proc/self/cgroup"; } 2>/dev/null
  case $g_own in
    "$CG_ROOT") g_own= ;;
    "$CG_ROOT"/*) g_own=${g_own#"$CG_ROOT"} ;;
  esac
  CG_CHAIN=$NL$CG$NL
  while case $g_own in /?*) : ;; *) false ;; esac do
    CG_CHAIN=$CG_CHAIN$CG$g_own$NL
    g_own=${g_own%/*}
  done
}

walk_cgroups() {
  if [ -e "$D/proc/self/mountinfo" ]; then cat "$D/proc/self/mountinfo" >"$T/mounts"; else : >"$T/mounts"; fi
  find_cgroups || return 0
  own_chain
  if [ "$CG_VERSION" = 1 ]; then
    g_files=$CG1_ALL g_shown=$CG1_SHOWN g_stat=$CG1_STAT
  else
    g_files=$CG2_ALL g_shown=$CG2_SHOWN g_stat=$CG2_STAT
  fi
  list_cgroups "$CG" >"$T/groups"
  for g_file in $CG_ROOT_FILES; do add "$CG/$g_file"; done
  while IFS= read -r g_dir; do
    for g_file in $g_files; do add "$g_dir/$g_file"; done
  done <"$T/groups"
  flush
  rank_cgroups <"$T/groups" >"$T/ranks"
  {
    sort -k2,2nr "$T/ranks" | head -n 50
    sort -k1,1nr -k2,2nr "$T/ranks" | head -n "$CG_MOST_SHOWN"
  } | sort -u >"$T/shown"
  while read -r g_class g_size g_dir; do
    for g_file in $g_shown; do add "$g_dir/$g_file"; done
  done <"$T/shown"
  flush
  # memory.stat makes the kernel add up all processors, for the whole subtree
  {
    sort -k2,2nr "$T/ranks" | head -n "$CG_MOST_STAT"
    grep '^3 ' "$T/ranks"
  } | sort -u >"$T/shown"
  while read -r g_class g_size g_dir; do
    for g_file in $g_stat; do add "$g_dir/$g_file"; done
  done <"$T/shown"
  DEADLINE=5
  flush
  DEADLINE=5
}

# The directories of the cgroups, level by level, the root first.
list_cgroups() {
  printf '%s\n' "$1"
  g_stars='/*' g_depth=1 g_count=1
  while [ "$g_depth" -le "$CG_MOST_DEPTH" ]; do
    eval "set -- \"\$CG\"$g_stars/"
    [ -d "$1" ] || return 0
    for g_dir; do
      case $g_dir in *"$NL"*) continue ;; esac
      g_count=$((g_count + 1))
      # one more than memdoctor walks tells it that there were more
      [ "$g_count" -le $((CG_MOST + 1)) ] || return 0
      printf '%s\n' "${g_dir%/}"
    done
    g_stars="$g_stars/*" g_depth=$((g_depth + 1))
  done
}

# Lines of class, size and directory: 3 for the own chain, 2 for one with a limit or that met it, 1 for the others.
rank_cgroups() {
  while IFS= read -r g_dir; do
    g_class=1 g_size=0
    for g_file in $g_files; do
      [ -s "$D/$g_dir/$g_file" ] || continue
      while read -r g_key g_value; do
        case $g_file:$g_key:$g_value in
          memory.current:* | memory.usage_in_bytes:*) g_size=$g_key ;;
          memory.events:low:* | memory.*:0: | *:0 | *:max: | *:922337203685477*) ;;
          *) g_class=2 ;;
        esac
      done <"$D/$g_dir/$g_file"
    done
    case $CG_CHAIN in *"$NL$g_dir$NL"*) g_class=3 ;; esac
    printf '%s %s %s\n' "$g_class" "$g_size" "$g_dir"
  done
}

# --- what the script makes itself -----------------------------------------------------------------------------------------------

# statfs.txt: the sizes of file systems that live in memory; others are not asked, since one on the network may hang.
mount_sizes() {
  [ -s "$D/proc/self/mountinfo" ] || return 0
  m_risky=
  : >"$T/memory"
  set -f
  while read -r m_id m_parent m_device m_root m_point m_rest; do
    set -- ${m_rest##*- }
    case ${1-} in
      nfs* | cifs* | smb* | fuse* | 9p* | ceph* | gluster* | autofs* | afs* | lustre* | gpfs*) m_risky="$m_risky$m_point/$NL" ;;
      tmpfs | ramfs | hugetlbfs | devtmpfs) printf '%s %s %s\n' "${2-none}" "$m_point" "$1" >>"$T/memory" ;;
    esac
  done <"$D/proc/self/mountinfo"
  set +f
  timed 3 all_sizes >"$D/statfs.txt" 2>/dev/null
  [ -z "$LATE" ] || note statfs.txt timeout 'did not come back within 3 s'
}

all_sizes() {
  child=
  trap '[ -z "$child" ] || kill -9 "$child"; exit 1' TERM
  m_seen=$NL m_count=0
  while read -r m_source m_point m_type; do
    case $m_seen in *"$NL$m_point$NL"*) continue ;; esac
    m_seen=$m_seen$m_point$NL
    behind "$m_point" && continue
    # of several on one mount point the last one is seen
    m_mount=$(grep -F " $m_point " "$T/memory" | tail -n 1)
    m_count=$((m_count + 1))
    [ "$m_count" -le 500 ] || return 0
    m_place=$(printf '%b' "$m_point")
    if [ "$STAT" = 1 ]; then
      stat -f -c '%t %s %b %f %a %c %d' "$ROOT$m_place" >"$T/size" &
      child=$!
      wait "$child" || continue
      read -r m_kind m_numbers <"$T/size"
      case $m_kind in 1021994 | 858458f6 | 958458f6) printf '%s %s\n' "$m_mount" "$m_numbers" ;; esac
    elif [ -z "$FOREIGN" ]; then
      df -kP "$m_place" >"$T/size" &
      child=$!
      wait "$child" || continue
      m_line=$(tail -n 1 "$T/size")
      set -- ${m_line%" $m_place"}
      case ${2-}${3-}${4-} in '' | *[!0-9]*) continue ;; esac
      printf '%s 1024 %s %s %s 0 0\n' "$m_mount" "$2" "$(($2 - $3))" "$4"
    fi
  done <"$T/memory"
}

# True for a mount point below a file system that may hang.
behind() {
  m_rest=$m_risky
  while [ -n "$m_rest" ]; do
    case $1/ in "${m_rest%%"$NL"*}"*) return 0 ;; esac
    m_rest=${m_rest#*"$NL"}
  done
  return 1
}

# kernel-log.txt: the lines with a stamp, newest kept; another root has no log of its own.
kernel_log() {
  if [ -n "$FOREIGN" ]; then return 0; fi
  l_reasons=
  for l_how in 'dmesg -r' dmesg 'journalctl -k -b -o short-monotonic --no-pager -q -n 20000'; do
    command -v "${l_how%% *}" >/dev/null 2>&1 || continue
    timed 3 command_output "$l_how" >"$T/log" 2>"$T/errors" || :
    if [ -n "$LATE" ]; then
      l_reasons="$l_reasons; ${l_how%% *}: did not come back within 3 s"
      continue
    fi
    grep -E '^(<[0-9]+>)?\[' "$T/log" | sed 's/^\(\[[^]]*\]\) [^ ]* kernel: /\1 /' | tail -c 4194304 >"$T/$NAME/kernel-log.txt"
    [ ! -s "$T/$NAME/kernel-log.txt" ] || return 0
    l_said=
    IFS= read -r l_said <"$T/errors"
    l_reasons="$l_reasons; ${l_how%% *}: ${l_said:-nothing}"
  done
  rm -f "$T/$NAME/kernel-log.txt"
  case $l_reasons in
    *ermi*) note kernel-log.txt denied "${l_reasons#; }" ;;
    *) note kernel-log.txt failed "${l_reasons#; }" ;;
  esac
}

command_output() {
  trap 'kill -9 "$child"; exit 1' TERM
  $1 &
  child=$!
  wait "$child"
}

# --- samples --------------------------------------------------------------------------------------------------------------------

# True when tasks wait for memory, or little is available: then long walks under a kernel lock would make it worse.
strained() {
  [ ! -s "$D/proc/pressure/memory" ] || while read -r h_kind h_avg h_rest; do
    h_avg=${h_avg#avg10=}
    case $h_kind in full) [ "${h_avg%%.*}" -lt "$STRAIN_FULL_PCT" ] || return 0 ;; esac
  done <"$D/proc/pressure/memory"
  [ -s "$D/proc/meminfo" ] || return 1
  h_total=0 h_available='' h_estimate=0
  while read -r h_key h_value h_unit; do
    case $h_key in
      MemTotal:) h_total=$h_value ;;
      MemAvailable:) h_available=$h_value ;;
      MemFree: | 'Active(file):' | 'Inactive(file):') h_estimate=$((h_estimate + h_value)) ;;
    esac
  done <"$D/proc/meminfo"
  [ $((${h_available:-$h_estimate} * 100)) -lt $((h_total * STRAIN_AVAILABLE_PCT)) ]
}

N=0

# Takes one sample: the only one, the first, one in between, or the last.
take() {
  now
  N=$((N + 1))
  D=$T/$NAME/sample-$N
  mkdir "$D"
  a_time="$((BEGIN_DATE + NOW / 100)).$((NOW / 10 % 10))$((NOW % 10))" a_uptime=$UPTIME a_ids='' a_seen=' ' p_done=' ' p_kept=''
  case $1 in
    only) a_when='every first full last' ;;
    first) a_when='every first full' ;;
    between) a_when=every ;;
    last) a_when='every full last' ;;
  esac
  for a_each in $a_when; do
    set -f
    eval "set -- \"$1\" \$FILES_$a_each"
    set +f
    for a_pattern; do
      [ "$a_pattern" != "$1" ] || continue
      case $a_seen in *" $a_pattern "*) continue ;; esac
      a_seen="$a_seen$a_pattern "
      matches "$a_pattern"
    done
  done
  flush
  for a_each in $a_when; do
    eval "for a_step in \$STEPS_$a_each; do \"\$a_step\"; done"
    eval "walk_processes \"\$PROCESSES_$a_each\""
  done
  eval "a_ids=\$IDS_$1"
  case $a_when in
    *' '*) if strained; then eval "a_ids=\$IDS_$1_strained"; else heavy; fi ;;
  esac
  unread >"$T/notes"
  {
    [ "$N" = 1 ] || echo ','
    printf '  { "dir": "sample-%s", "time": %s, "monotonic": %s, "sources": [%s]' "$N" "$a_time" "$a_uptime" "$a_ids"
    if [ -s "$T/notes" ]; then
      printf ',\n    "unread": {\n'
      cat "$T/notes"
      printf '    }'
    fi
    printf ' }'
  } >>"$T/samples"
}

# Puts what a pattern matches on the list; far too many matches are none.
matches() {
  set -- $1
  [ $# -le 16384 ] || return 0
  for a_path; do
    case $a_path in *'*'* | *"$NL"*) ;; *) add "$a_path" ;; esac
  done
}

# What costs the host more than a moment, one after the other.
heavy() {
  for a_each in $a_when; do
    set -f
    eval "set -- \$HEAVY_$a_each"
    set +f
    for a_pattern; do
      DEADLINE=${a_pattern%%:*}
      matches "${a_pattern#*:}"
      flush
    done
    DEADLINE=5
    eval "walk_processes \"\$HEAVY_PROCESSES_$a_each\""
  done
}

# The reads of this sample that failed, as members of a JSON object.
unread() {
  [ -s "$T/unread-$N" ] || return 0
  u_comma=
  sed 's/\\/\\\\/g; s/"/\\"/g' "$T/unread-$N" | sort -u | while IFS=$TAB read -r u_path u_status u_reason; do
    [ "$u_path" != "${u_last-}" ] || continue
    u_last=$u_path
    printf '%s      "%s": { "status": "%s", "reason": "%s" }' "$u_comma" "$u_path" "$u_status" "$u_reason"
    u_comma=,$NL
  done | sed 's/[[:cntrl:]]//g'
  echo
}

json() {
  printf '%s\n' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g; s/[[:cntrl:]]//g; s/^/"/; s/$/"/; q'
}

# The first of some files of the root that has something in it, else the given word; as JSON.
told() {
  d_value=$1
  shift
  for d_file; do
    d_line=
    [ ! -f "$d_file" ] || IFS= read -r d_line <"$d_file"
    [ -z "$d_line" ] || { d_value=$d_line && break; }
  done
  if [ -n "$d_value" ]; then json "$d_value"; else echo null; fi
}

manifest() {
  here='' machine=''
  [ -n "$FOREIGN" ] || { here=$(uname -n) release=$(uname -r) machine=$(uname -m); }
  printf '{ "format": "memdoctor-evidence/1", "origin": "live", "collector": %s,\n' "$(json "$VERSION")"
  printf '  "hostname": %s,\n' "$(told "$here" proc/sys/kernel/hostname etc/hostname)"
  printf '  "kernel": %s,\n' "$(told "${release-}" proc/sys/kernel/osrelease)"
  arch=$(told "$machine" proc/sys/kernel/arch)
  [ "$arch" = null ] || printf '  "arch": %s,\n' "$arch"
  page=$(getconf PAGESIZE 2>/dev/null) || page=$(sed -n 's/^KernelPageSize: *\([0-9]*\) kB$/\1/p;/^Kernel/q' /proc/self/smaps 2>/dev/null)
  [ "${page:-0}" -ge 4096 ] || page=$((${page:-0} * 1024))
  [ "$page" -ge 4096 ] || page=4096
  ticks=$(getconf CLK_TCK 2>/dev/null) || ticks=100
  printf '  "pageSize": %s, "clockTicks": %s,\n  "samples": [\n' "$page" "$ticks"
  cat "$T/samples"
  printf '\n  ] }\n'
}

# --- main -----------------------------------------------------------------------------------------------------------------------

DURATION=1000 INTERVAL=100 OUTPUT='' ROOT=/
while [ $# -gt 0 ]; do
  case $1 in
    --*=*)
      value=${1#*=} option=${1%%=*}
      shift
      set -- "$option" "$value" "$@"
      ;;
  esac
  case $1 in
    -h | --help) usage && exit 0 ;;
    -d | --duration | -i | --interval | -o | --output | --root)
      [ $# -ge 2 ] && [ -n "$2" ] || fail "$1: needs a value"
      ;;
    *) fail "$1: unknown; known are -d SECONDS, -i SECONDS, -o FILE, --root DIR, -h" ;;
  esac
  case $1 in
    -d | --duration)
      centiseconds "$2" && { [ "$CENTI" = 0 ] || [ "$CENTI" -ge 200 ]; } && [ "$CENTI" -le 360000 ] ||
        fail "$1 $2: must be 2 to 3600 seconds, or 0 for one sample and no rates"
      DURATION=$CENTI
      ;;
    -i | --interval)
      centiseconds "$2" && [ "$CENTI" -ge 10 ] || fail "$1 $2: must be a number of seconds, 0.1 or more"
      INTERVAL=$CENTI
      ;;
    -o | --output) OUTPUT=$2 ;;
    --root) ROOT=$2 ;;
  esac
  shift 2
done
[ -d "$ROOT/proc" ] || fail "$ROOT: is not the root of a Linux host: there is no directory proc in it"
for tool in cat cp cut date grep gzip head ls mkdir mv rm sed sleep sort tail tar uname; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool: is needed, and not there"
done

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
trap : USR1

HOST=$(uname -n | sed 's/[^A-Za-z0-9.-]/_/g; s/^[.-]*//; q')
NAME=memdoctor-${HOST:-host}-$(date +%Y%m%d-%H%M%S)
[ -n "$OUTPUT" ] || OUTPUT=$NAME.tar.gz
case $OUTPUT in /*) ;; *) OUTPUT=$(pwd)/$OUTPUT ;; esac
[ ! -d "$OUTPUT" ] || fail "$OUTPUT: cannot be written: it is a directory"
partial=${OUTPUT%/*}/.memdoctor-$$.partial
(set -C && : >"$partial") 2>/dev/null || fail "$OUTPUT: cannot be written"
PARTIAL=$partial

# rather on a disk than in memory
for base in ${TMPDIR:+"$TMPDIR"} /var/tmp /tmp "${OUTPUT%/*}"; do
  T=$(mktemp -d "$base/memdoctor.XXXXXX" 2>/dev/null) && break
  T=$base/memdoctor.$$
  mkdir "$T" 2>/dev/null && break
  T=
done
[ -n "$T" ] || fail 'no directory for temporary files can be written; TMPDIR=DIR gives one'
mkdir "$T/$NAME"
cd "$ROOT" || fail "$ROOT: cannot be entered"
ROOT=$(pwd)
FOREIGN=
[ "$ROOT" = / ] || FOREIGN=1
[ -z "$FOREIGN" ] || ROOT=$ROOT/
FRACTIONS=''
if sleep 0.01 2>/dev/null; then FRACTIONS=5; fi
STAT=''
if stat -f -c %s / >/dev/null 2>&1; then STAT=1; fi
choose_copier
BEGIN=0
now
BEGIN=${UPTIME%%.*}
now
watchdog </dev/null >/dev/null 2>&1 &
DOG=$!
# NOW counts from the whole second before the script began, and so does this
BEGIN_DATE=$(($(date +%s) - NOW / 100))

if [ "$DURATION" = 0 ]; then
  take only
else
  now
  started=$NOW
  take first
  now
  end=$((started + DURATION))
  [ "$end" -ge $((NOW + 200)) ] || end=$((NOW + 200))
  tick=$INTERVAL
  while [ $((started + tick)) -le $((end - INTERVAL / 2)) ]; do
    now
    if [ $((started + tick)) -ge "$NOW" ]; then
      snooze $((started + tick - NOW))
      take between
    fi
    tick=$((tick + INTERVAL))
  done
  now
  snooze $((end - NOW))
  take last
fi
manifest >"$T/$NAME/manifest.json"

cd "$T" || exit 3
{ tar -cf - "$NAME" || : >"$T/broken"; } 2>"$T/errors" | gzip -c >"$PARTIAL" || : >"$T/broken"
if [ -e "$T/broken" ] || ! mv -f "$PARTIAL" "$OUTPUT" 2>/dev/null; then fail "$OUTPUT: cannot be written: $(head -n 1 "$T/errors")"; fi
PARTIAL=
printf '%s\n' "$OUTPUT"
