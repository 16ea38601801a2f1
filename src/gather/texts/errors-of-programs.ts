/** What a program wrote when it was refused memory. */
export interface ErrorLine {
  /** Who wrote it, as far as the line says: `bash`, `swapoff`; empty when it does not. */
  readonly program: string;
  /**
   * fork, thread, mmap, mlock, swapoff, exec, malloc, heap (a runtime met a limit of its own), tasks (no further process or
   * thread: a limit of their number), cgroup (the kernel has no number left for another one),
   * cgroup-memory (the same, or no memory for it: kernels before 5.8 do not tell the two apart), or allocate (what, is not said).
   */
  readonly operation: string;
  readonly text: string;
}

/** strerror(ENOMEM) of glibc, its name, and how runtimes say that they were refused. */
const REFUSED =
  /\b(?:cannot|can't|could not|couldn't|unable to) allocate (?:any )?(?:more )?memory\b|\bENOMEM\b|\berrno[ :=]{1,3}12\b|\bvirtual memory exhausted\b|\bstd::bad_alloc\b|^(?:\s*\w{1,30}[:.] )?MemoryError\b|\bmemory exhausted\b|\bjava\.lang\.OutOfMemoryError\b|\bunable to create (?:new )?native thread\b|\bFailed to allocate memory\b|\bnot enough memory available\b|\binsufficient memory for the Java Runtime\b|\bNative memory allocation \((?:mmap|malloc|mprotect)\) failed\b|\bfatal error: runtime: (?:cannot allocate memory|out of memory)\b|\bJavaScript heap out of memory\b|\bAllowed memory size of \d{1,15} bytes exhausted\b/i;
/** strerror(EAGAIN) in the languages of glibc, and its name. */
const AGAIN =
  /\bResource temporarily unavailable\b|\bEAGAIN\b|\berrno[ :=]{1,3}11\b|Ressource temporairement (?:non disponible|indisponible)|Ressource ist zur Zeit nicht verfügbar|Recurso no disponible temporalmente|Recurso temporariamente indisponível|Risorsa temporaneamente non disponibile|Ресурс временно недоступен|资源暂时不可用|リソースが一時的に利用できません/i;
/** Of which calls it tells that a limit on the number of tasks was met: sockets and files give it for other reasons. */
const OF_TASKS =
  /\bv?fork\w{0,4}\b|\bpthread_create\b|\bclone3?\b|\b(?:creat\w{1,4}|start|spawn|launch)\w{0,4}\b.{0,40}\b(?:threads?|process(?:es)?)\b/i;
/** kernel/cgroup/pids.c; dash, which says no more. */
const PIDS = /\bcgroup: fork rejected by pids controller in \/|: Cannot fork$/;
/**
 * mm/memcontrol.c, mem_cgroup_alloc(): of the 65535 numbers of memory cgroups none is left; removed ones keep theirs while memory
 * belongs to them. Hierarchies of v1 without the memory controller have nothing to do with it.
 */
const NO_CGROUP =
  /\bmkdir \/sys\/fs\/cgroup\/(?!(?:cpu|cpuset|cpuacct|blkio|devices|freezer|pids|systemd|hugetlb|net_cls|net_prio|perf_event|rdma|misc)\b)[^\s:]{1,1000}: no space left on device\b/i;
/**
 * The same before 5.8, where it was ENOMEM (11d6761218d1), as it is when its per-CPU counters find no memory; moby, runc, mkdir.
 * Of the memory hierarchy of v1: the others have no such numbers.
 */
const NO_CGROUP_MEMORY =
  /\bmkdir(?:: cannot create directory)? ['"‘’]?\/sys\/fs\/cgroup\/memory\/[^\s:]{1,1000}: cannot allocate memory\b/i;
/** Lines of the kernel log speak of the kernel's own requests: they have their own reader. */
const OF_KERNEL = /page allocation failure|^\[ {0,8}\d{1,8}\.\d{6}\]|\bkernel: |\binvoked oom-killer\b|\bOut of memory: Kill/;
const PROGRAM = /^(?:\$ |# )?-?((?:[\w.+-]{0,60}\/){0,8}[A-Za-z_][\w.+-]{0,60})(?:\[\d{1,10}\])?: /;
/** What stands where a program’s name would: the call that failed, a level, an exception. */
const NO_PROGRAM = /^(?:v?fork|mmap|malloc|mlock|clone|spawn|error|fatal|warning|info|exception|\w{0,60}error|java\..{0,60})$/i;
const OPERATIONS: readonly (readonly [string, RegExp])[] = [
  ['swapoff', /\bswapoff\b/i],
  ['thread', /native thread|\bpthread_create\b|\bclone3?\b|\bcreate (?:a )?(?:new )?thread\b/i],
  ['fork', /\bv?fork\b|\b(?:posix_)?spawn\b|\bCan't fork\b/i],
  ['mmap', /\bmmap(?:64|2)?\b|\bmremap\b|\bshmget\b|\bshmat\b|\bmap (?:anonymous|shared) (?:shared )?memory\b/i],
  ['mlock', /\bmlock(?:all|2)?\b|\b(?:lock|locking) (?:JVM |process )?memory\b|\bRLIMIT_MEMLOCK\b/i],
  ['exec', /\bexecv[pe]{0,2}\b|\bexec\b/i],
  ['malloc', /bad_alloc|\bMemoryError\b|\b(?:m|re|c)alloc\b|\bsbrk\b|memory exhausted|\bruntime:/i],
  ['heap', /OutOfMemoryError|JavaScript heap|\bAllowed memory size\b/i],
];
/** Longer lines are no messages. */
const LONGEST = 1000;
const KEPT = 200;

/** What a line says, when it is what a program wrote about memory that it did not get; else null. */
export function errorLineOf(line: string): ErrorLine | null {
  const text = line.trim();
  if (text.length === 0 || text.length > LONGEST) return null;
  if (NO_CGROUP.test(text)) return { program: programIn(text), operation: 'cgroup', text: text.slice(0, KEPT) };
  if (NO_CGROUP_MEMORY.test(text)) return { program: programIn(text), operation: 'cgroup-memory', text: text.slice(0, KEPT) };
  if (refusesTask(text)) return { program: programIn(text), operation: 'tasks', text: text.slice(0, KEPT) };
  if (!REFUSED.test(text) || OF_KERNEL.test(text)) return null;
  const [operation] = OPERATIONS.find(([, pattern]) => pattern.test(text)) ?? ['allocate'];
  return { program: programIn(text), operation, text: text.slice(0, KEPT) };
}

/** True for a line that says that no further process or thread may be made, for their number. */
export const refusesTask = (text: string): boolean =>
  text.length <= LONGEST && (PIDS.test(text) || (AGAIN.test(text) && OF_TASKS.test(text)));

function programIn(text: string): string {
  const path = PROGRAM.exec(text)?.[1] ?? '';
  const program = path.slice(path.lastIndexOf('/') + 1);
  return NO_PROGRAM.test(program) ? '' : program;
}
