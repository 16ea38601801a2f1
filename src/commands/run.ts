import type { GatherOptions, ReportOptions } from '../cli.js';
import { configured } from './config.js';
import { gatherSnapshot } from './gather.js';
import { reportOn, rulesOf } from './diagnose.js';

/** `memdoctor run`: gather, diagnose, report. Bad rules are refused before the host is watched. @returns the exit status. */
export async function run(asked: ReportOptions & GatherOptions): Promise<number> {
  const options = await configured(asked, asked.root === '/' ? [] : [asked.root]);
  const loaded = await rulesOf(options);
  return reportOn(await gatherSnapshot(options), options, loaded);
}
