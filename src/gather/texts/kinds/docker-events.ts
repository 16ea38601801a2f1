import { defineText, oneSample } from '../kind.js';
import { run } from '../shape.js';

/** `2026-03-02T10:22:11.120413242Z container oom 3f1c… (image=shop/api:1.4, name=api)`. */
const LINE =
  /^\s*\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]{0,12}\S{1,6} container ([a-z_]{2,20})(?::.{0,200})? ([0-9a-f]{12,64}) \((.{0,2000})\)\s*$/;
const NAME = /(?:^|, )name=([\w][\w.-]{0,127})(?:,|$)/;

/** What happened to containers: “oom” tells that the kernel killed in the cgroup of one. */
export default defineText({
  title: 'docker events',
  docs: 'https://docs.docker.com/reference/cli/docker/system/events/',
  origin: 'tool',
  hint: /\b(?:docker|podman)[\s_](?:system[\s_])?events\b/,
  span: (lines, at) => run(lines, at, (line) => line.length < 3000 && LINE.test(line)),
  read: (lines) => {
    const kills = new Map<string, number>();
    for (const line of lines) {
      const [, action, id = '', about = ''] = LINE.exec(line) ?? [];
      if (action !== 'oom') continue;
      const name = NAME.exec(about)?.[1] ?? id.slice(0, 12);
      kills.set(name, (kills.get(name) ?? 0) + 1);
    }
    return kills.size === 0
      ? []
      : oneSample(new Map([...kills].map(([name, count]) => [`sys/fs/cgroup/docker/${name}/memory.events`, `oom_kill ${count}\n`])));
  },
});
