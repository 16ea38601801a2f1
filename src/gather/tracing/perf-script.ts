/** One sample of `perf script`. */
export interface PerfSample {
  readonly comm: string;
  readonly pid: number;
  /** How many events it stands for. */
  readonly period: number;
  /** `kmem:mm_page_alloc`. */
  readonly event: string;
  /** The fields of a tracepoint as the kernel prints them (`order=3 …`), when the form asks for them. */
  readonly text: string;
  /** Frames, the innermost first. */
  readonly frames: readonly string[];
}

/**
 * Reads `perf script -F comm,pid,period,event,ip,sym[,trace]`: a head line ` comm  pid  period event: text`, under it a line a frame,
 * `address symbol`, and an empty line. The name of a process may hold blanks: it ends where ` pid period event:` begins. Never throws.
 */
export function parsePerfScript(text: string): PerfSample[] {
  const samples: { comm: string; pid: number; period: number; event: string; text: string; frames: string[] }[] = [];
  for (const line of text.split('\n')) {
    const head = /^ {0,32}(\S.{0,31}?) +(\d{1,10}) +(\d{1,18}) +([\w:/.-]{1,100}):(?: (.{0,2000}))?$/.exec(line);
    if (head) {
      const [, comm = '', pid, period, event = '', text = ''] = head;
      samples.push({ comm, pid: Number(pid), period: Number(period), event, text: text.trim(), frames: [] });
      continue;
    }
    const frame = /^\s{1,24}[0-9a-f]{1,16} (.{1,1000})$/.exec(line);
    if (frame) samples.at(-1)?.frames.push((frame[1] ?? '').trim());
  }
  return samples;
}
