import { snapshotSchema } from './gather/snapshot.js';
import { reportSchema } from './report/report.js';
import { ruleSchema } from './rules/rule.js';

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
} as const;
