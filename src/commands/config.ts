import type { ReportOptions } from '../cli.js';
import { findConfig } from '../config/find.js';
import type { RuleSettings } from '../rules/settings.js';

/** Options with what the configuration says of those that were not given. */
export type Configured<O> = O & { readonly settings?: RuleSettings };

/**
 * Finds and reads the configuration: --config FILE, or memdoctor.config.json from the working directory upwards; never from inside
 * the evidence. Without one nothing is loaded.
 */
export async function configured<O extends Partial<ReportOptions>>(options: O, evidence: readonly string[] = []): Promise<Configured<O>> {
  const { config } = options;
  if (config === false) return options;
  const found = typeof config === 'string' ? { file: config, note: null } : findConfig(process.cwd(), evidence);
  if (found.note !== null && !options.quiet) process.stderr.write(`memdoctor: ${found.note}\n`);
  if (found.file === null) return options;
  const { settings, report } = await (await import('../config/read.js')).readConfig(found.file);
  const given = (name: string): boolean => options.given?.has(name) ?? false;
  const rest = Object.entries(report).filter(([name]) => !given(name) && !(name === 'format' && options.output !== undefined));
  return { ...options, ...Object.fromEntries(rest), settings };
}
