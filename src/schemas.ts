import { snapshotSchema } from './gather/snapshot.js';
import { configSchema } from './config/schema.js';
import { reportSchema } from './report/report.js';
import { overrideSchema, packSchema, ruleSchema } from './rules/rule.js';

const published = <const S extends object>(name: string, schema: S) =>
  ({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:memdoctor:schema:${name}`,
    title: `memdoctor ${name}`,
    ...schema,
  }) as const;

/** The JSON Schemas that are published in schema/ and printed by `memdoctor schema`. */
export const publishedSchemas = {
  snapshot: published('snapshot', snapshotSchema),
  report: published('report', reportSchema),
  rule: published('rule', ruleSchema),
  override: published('override', overrideSchema),
  pack: published('pack', packSchema),
  config: published('config', configSchema),
} as const;

/** A schema as it is published: those of rules name every fact and operator, so that editors complete and explain them. */
export async function schemaFor(document: keyof typeof publishedSchemas): Promise<object> {
  const { editorRuleSchema, editorOverrideSchema } = await import('./rules/editor-schema.js');
  if (document === 'rule') return editorRuleSchema();
  return document === 'override' ? editorOverrideSchema() : publishedSchemas[document];
}
