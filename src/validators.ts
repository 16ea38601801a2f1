import { createRequire } from 'node:module';
import type { ValidateFunction } from 'ajv';
import type { Ajv2020 as AjvClass } from 'ajv/dist/2020.js';
import { snapshotSchema } from './gather/snapshot.js';
import { type Problem, problemsOf } from './problems.js';
import { reportSchema } from './report/report.js';

type Validate = (data: unknown) => Problem[];

/** How all schemas are compiled, here and at build time. */
export const AJV_OPTIONS = { strict: true, strictRequired: false, allowUnionTypes: true, verbose: false } as const;

/** The first thing that the snapshot schema does not accept; empty when it is valid. */
export const validateSnapshot: Validate = lazily(snapshotSchema, false);
/** All that the report schema does not accept. */
export const validateReport: Validate = lazily(reportSchema, true);

function lazily(schema: object, allErrors: boolean): Validate {
  let validate: ValidateFunction | null = null;
  return (data) => {
    validate ??= compile(schema, allErrors);
    return validate(data) ? [] : problemsOf(validate.errors, data);
  };
}

/** ajv takes 50 ms to load and half a second to compile: only who validates pays. */
function compile(schema: object, allErrors: boolean): ValidateFunction {
  const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js') as { Ajv2020: typeof AjvClass };
  const ajv = new Ajv2020({ ...AJV_OPTIONS, allErrors });
  ajv.addVocabulary(['x-unit']);
  return ajv.compile(schema);
}
