// Prints how well kernel logs with OOM reports are read: each field of each labelled log beside the project (../shared/corpus/oom)
// against what the report of `diagnose LOG --format json` says. A log is right when all its fields are that its label knows.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { loadTs } from './load-ts.mjs';

const run = promisify(execFile);
const CLI = resolve('dist/memdoctor.mjs');
const OOM = new Set(['oom-kill', 'memcg-oom-kill', 'oom-no-victim']);
const OOM_KINDS = new Set(['global_oom', 'memcg_oom']);
const FAILURES = new Set(['allocation-failure', 'vmalloc-failure', 'percpu-failure', 'slub-failure', 'cma-failure']);
const FIELDS = {
  report_kind: kindOf,
  constraint: (log) => first(log.oom, 'constraint'),
  order: (log) => first(log.oom, 'order') ?? first(log.events, 'order'),
  gfp_mask: (log) => (first(log.oom, 'gfpMask') ?? first(log.events, 'gfpMask'))?.replace(/\(.*/, ''),
  trigger_process: (log) => first(log.oom, 'trigger')?.name,
  killed_process: (log) => victimOf(log)?.name,
  killed_pid: (log) => victimOf(log)?.pid,
  anon_rss_kb: (log) => kB(victimOf(log)?.anonRssBytes),
  file_rss_kb: (log) => kB(victimOf(log)?.fileRssBytes),
  shmem_rss_kb: (log) => kB(victimOf(log)?.shmemRssBytes),
  total_vm_kb: (log) => kB(victimOf(log)?.totalVmBytes),
  n_invocations: (log) => log.oom.filter((event) => event.gfpMask !== undefined || event.order !== undefined).length,
  n_killed_lines: (log) => Object.values(log.kills).reduce((sum, many) => sum + many, 0),
  kernel: (log) => log.reports.find((report) => report.kernel)?.kernel ?? log.kernel,
  pages_ram: (log) => total(log, 'ram', true),
  total_swap_kb: (log) => kB(total(log, 'swap_total')),
  free_swap_kb: (log) => kB(total(log, 'swap_free')),
  has_meminfo_block: (log) =>
    log.reports.some(({ totals, zones, nodes }) => zones.length + nodes.length > 0 || 'active_anon' in totals || 'active' in totals),
  has_task_table: (log) => log.reports.some((report) => report.tasks !== undefined),
  has_oom_reaper: (log) => log.reports.some((report) => report.reaped !== undefined),
};

/** Prints the table; gives how many logs are wholly right, of how many. */
export async function oomAccuracy(shared, { verbose = true } = {}) {
  const dir = join(shared, 'corpus/oom');
  if (!existsSync(dir)) {
    console.log(`skipped: no labelled kernel logs in ${dir}`);
    return { right: 0, of: 0 };
  }
  const read = await reader();
  const counts = Object.fromEntries(Object.keys(FIELDS).map((field) => [field, { right: 0, of: 0 }]));
  const logs = readdirSync(dir).filter((file) => file.endsWith('.json'));
  const wrong = [];
  for (const file of logs) {
    const truth = JSON.parse(readFileSync(join(dir, file), 'utf8'));
    const log = await read(join(dir, file.replace(/json$/, 'txt')));
    const misses = log.error === undefined ? [] : [log.error];
    for (const [field, figure] of Object.entries(FIELDS)) {
      // a kernel in words is what the collector knew from elsewhere
      if (truth[field] === null || truth[field] === undefined || (field === 'kernel' && / /.test(truth[field]))) continue;
      const found = log.error === undefined ? figure(log) : undefined;
      counts[field].of += 1;
      if (found === truth[field]) counts[field].right += 1;
      else misses.push(`${field}: ${JSON.stringify(found)}, not ${JSON.stringify(truth[field])}`);
    }
    // a failed allocation, a stall and noise are no OOM
    const alarms = OOM_KINDS.has(truth.report_kind) ? [] : (log.findings ?? []).filter(({ id }) => id.startsWith('oom-kill'));
    if (alarms.length > 0) misses.push(`finding ${alarms.map(({ id }) => id).join(', ')}`);
    if (misses.length > 0) wrong.push(`  ${file.replace('.json', '')}  ${misses.join('; ')}`);
  }
  console.log(`\nkernel logs, by field`);
  for (const [field, { right, of }] of Object.entries(counts)) console.log(`  ${field.padEnd(18)} ${String(right).padStart(3)} of ${of}`);
  if (verbose) for (const line of wrong) console.log(line);
  console.log(`kernel logs: ${logs.length - wrong.length} wholly right of ${logs.length}`);
  return { right: logs.length - wrong.length, of: logs.length };
}

/**
 * Events by the report of the command line; what the report does not repeat (sums over the log, the sizes of Mem-Info) by the
 * reader of the snapshot. `--source`: all by the reader, without a build.
 */
async function reader() {
  const { readLog } = await loadTs('src/gather/kernel-log/read.ts');
  const bySource = (path) => readLog(readFileSync(path, 'utf8'));
  if (process.argv.includes('--source')) return async (path) => shaped(bySource(path));
  return async (path) => {
    try {
      const { stdout } = await run('node', [CLI, 'diagnose', path, '--format', 'json'], { maxBuffer: 1 << 28 });
      const { events, findings } = JSON.parse(stdout);
      return shaped({ ...bySource(path), events, findings });
    } catch (error) {
      // status 1 and 2 with nothing to diagnose: the log tells nothing of memory
      return /nothing|no evidence/i.test(String(error.stderr))
        ? shaped({ events: [] })
        : { error: String(error.stderr).trim().split('\n')[0] };
    }
  };
}

const shaped = ({ events: all, reports = [], kills = {}, kernel, findings = [] }) => {
  // the report says null where the log says nothing
  const events = all.map((event) => Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null)));
  return { findings, events, reports, kills, kernel, oom: events.filter(({ kind }) => OOM.has(kind)) };
};

function kindOf({ oom, events }) {
  if (oom.length > 0)
    return oom[0].kind === 'memcg-oom-kill' || (oom[0].kind === 'oom-no-victim' && oom[0].constraint === 'CONSTRAINT_MEMCG')
      ? 'memcg_oom'
      : 'global_oom';
  if (events.some(({ kind }) => FAILURES.has(kind))) return 'page_allocation_failure';
  return events.some(({ kind }) => kind === 'allocation-stall') ? 'page_allocation_stall' : 'noise_no_oom';
}

const first = (events, member) => events.find((event) => event[member] !== undefined)?.[member];
const victimOf = ({ oom }) => first(oom, 'victims')?.[0];
const kB = (bytes) => (bytes === undefined || bytes === null ? undefined : bytes / 1024);

function total({ reports }, name, inPages = false) {
  const report = reports.find(({ totals }) => totals[name] !== undefined);
  return report && report.totals[name] / (inPages ? (report.pageSize ?? 4096) : 1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await oomAccuracy(resolve(process.env.MEMDOCTOR_SHARED ?? '../shared'));
