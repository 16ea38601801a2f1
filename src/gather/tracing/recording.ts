import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TraceHost } from './host.js';

/** A histogram in an instance of ours. */
const HIST = /\/instances\/memdoctor-\d+\/events\/([\w-]+)\/([\w-]+)\/hist$/;

/** A host of which all that the tracers print is kept: `01-bpftrace.txt`, `02-hist-vmscan-mm_vmscan_wakeup_kswapd.txt`, in the order of their ends. */
export function recordingHost(host: TraceHost, dir: string): TraceHost {
  let kept = 0;
  mkdirSync(dir, { recursive: true });
  const keep = (name: string, text: string): void => {
    kept += 1;
    writeFileSync(join(dir, `${String(kept).padStart(2, '0')}-${name}.txt`), text);
  };
  return {
    ...host,
    readText: (path) => {
      const text = host.readText(path);
      const [, category, event] = HIST.exec(path) ?? [];
      if (text !== null && event !== undefined) keep(`hist-${category ?? ''}-${event}`, text);
      return text;
    },
    start: (command, args, environment) => {
      const running = host.start(command, args, environment);
      // perf is started by a shell, that pipes it into itself
      const tool = args.includes('record') ? 'perf-record' : args[0] === 'stat' ? 'perf-stat' : basename(command);
      const ended = running.ended.then((end) => {
        keep(tool, end.stdout);
        keep(`${tool}-stderr`, end.stderr);
        return end;
      });
      return { ...running, ended };
    },
  };
}
