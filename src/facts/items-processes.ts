import { defineItems } from './fact.js';
import { type Grown, grownProcesses, privateBytes } from './growth.js';

/** The largest processes. */
export default defineItems({
  processes: {
    title: 'The largest processes',
    fields: {
      pid: { title: 'Process id', unit: '1', formula: 'pid' },
      anon_bytes: { title: 'Private memory', unit: 'bytes', formula: 'RssAnon' },
      swap_bytes: { title: 'In swap', unit: 'bytes', formula: 'VmSwap' },
      growth_bytes: { title: 'Growth in the sample', unit: 'bytes', formula: 'Δ(RssAnon + VmSwap); below 2 MiB 0; null when new' },
      growth_bytes_per_second: { title: 'Growth', unit: 'bytes/s', formula: 'Δ(RssAnon + VmSwap) / Δt; below 2 MiB 0; null when new' },
      swap_share_pct: { title: 'Share of its private memory in swap', unit: '%', formula: '100 × VmSwap / (RssAnon + VmSwap)' },
      swap_of_ram_pct: { title: 'In swap, against MemTotal', unit: '%', formula: '100 × VmSwap / MemTotal' },
      of_ram_pct: { title: 'Private memory, against MemTotal', unit: '%', formula: '100 × (RssAnon + VmSwap + HugetlbPages) / MemTotal' },
      majflt_rate: { title: 'Major faults, per second', unit: '1/s', formula: 'Δ majflt / Δt' },
      page_tables_bytes: { title: 'Page tables', unit: 'bytes', formula: 'VmPTE' },
      page_tables_of_rss_pct: {
        title: 'Page tables, share of its resident size',
        unit: '%',
        formula: '100 × VmPTE / (RssAnon + RssFile + RssShmem)',
      },
      peak_bytes: { title: 'Most that was ever resident', unit: 'bytes', formula: 'VmHWM' },
      peak_of_ram_pct: { title: 'Most that was ever resident, against MemTotal', unit: '%', formula: '100 × VmHWM / MemTotal' },
      below_peak_pct: {
        title: 'How far it is below its peak',
        unit: '%',
        formula: '100 × (VmHWM − VmRSS) / VmHWM; 0 when the peak is not known',
      },
      locked_bytes: { title: 'Locked memory', unit: 'bytes', formula: 'VmLck' },
      threads: { title: 'Threads', unit: 'count', formula: 'Threads' },
      oom_score_adj: { title: 'Bias of the OOM killer', unit: '1', formula: 'oom_score_adj; −1000 is never chosen' },
      state: { title: 'State letter', unit: 'text', formula: 'state; D waits uninterruptibly' },
      age_s: { title: 'Age', unit: 's', formula: 'uptime − starttime' },
    },
    items: (view) => {
      const { top } = view.last('processes');
      view.used('/proc/PID/{stat,status}');
      const pair = view.maybe(() => grownProcesses(view));
      const changes = new Map((pair?.grown ?? []).map((grown): [number, Grown] => [grown.process.pid, grown]));
      const total = view.maybe(() => view.meminfo('MemTotal'));
      const uptime = view.maybe(() => view.number('sample.uptime'));
      const ofRam = (bytes: number): number | null => (total === undefined ? null : (100 * bytes) / total);
      return top.map((process) => {
        const change = changes.get(process.pid);
        const rss = process.anon + process.file + process.shmem;
        return {
          name: `${process.name}[${process.pid}]`,
          pid: process.pid,
          anon_bytes: process.anon,
          swap_bytes: process.swap,
          growth_bytes: change?.bytes ?? null,
          growth_bytes_per_second: change && pair ? change.bytes / pair.seconds : null,
          swap_share_pct: privateBytes(process) > 0 ? (100 * process.swap) / privateBytes(process) : 0,
          swap_of_ram_pct: ofRam(process.swap),
          of_ram_pct: ofRam(privateBytes(process) + (process.hugetlb ?? 0)),
          majflt_rate: change && pair ? change.majflt / pair.seconds : null,
          page_tables_bytes: process.pte,
          page_tables_of_rss_pct: rss > 0 ? (100 * process.pte) / rss : null,
          peak_bytes: process.hwm,
          peak_of_ram_pct: ofRam(process.hwm),
          below_peak_pct: process.hwm > 0 ? Math.max(0, (100 * (process.hwm - rss)) / process.hwm) : 0,
          locked_bytes: process.locked,
          threads: process.threads,
          oom_score_adj: process.oomScoreAdj,
          state: process.state,
          age_s: uptime === undefined ? null : Math.max(0, uptime - process.startSeconds),
        };
      });
    },
  },
});
