import { defineText, oneSample } from '../kind.js';
import { fits } from '../made/fits.js';
import { run } from '../shape.js';

/**
 * slurmstepd, src/plugins/task/cgroup/task_cgroup.c: the events of kills in the cgroup of a step, `Detected 2 oom_kill events in
 * StepId=77.0.`, older `Detected 1 oom-kill event(s) in step 77.batch cgroup.`
 */
const DETECTED =
  /\bslurmstepd(?:\[\d{1,10}\])?: error: .{0,80}?\bDetected (\d{1,9}) oom[-_]kill event(?:s|\(s\))? in (?:StepId=|step )([\w.+[\]-]{1,60}?)[.,]?(?: |$)/;
/** What srun and slurmstepd write beside it. */
const BESIDE = /^\s*(?:srun|slurmstepd)(?:\[\d{1,10}\])?: (?:error: )?\S.{0,400}$/;

/** A step of a job in which the kernel killed: most likely at the limit of memory that the job asked for. */
export default defineText({
  title: 'oom_kill events of Slurm',
  docs: 'https://slurm.schedmd.com/cgroup.conf.html',
  origin: 'tool',
  span: (lines, at) => (fits(DETECTED, lines[at] ?? '') ? run(lines, at, (line) => fits(DETECTED, line) || fits(BESIDE, line)) : 0),
  read: (lines) => {
    const kills = new Map<string, number>();
    for (const line of lines) {
      const [, count = '0', step = ''] = (line.length > 1000 ? null : DETECTED.exec(line)) ?? [];
      // each daemon of a step tells of its own node
      if (step !== '') kills.set(step, (kills.get(step) ?? 0) + Number(count));
    }
    return oneSample(
      new Map(
        [...kills]
          .filter(([, count]) => count > 0)
          .map(([step, count]) => [`sys/fs/cgroup/slurm/step_${step}/memory.events`, `oom_kill ${count}\n`]),
      ),
    );
  },
});
