/** The validators of rule files, of packs and of the configuration: all errors, each with the schema that it breaks. Loaded only when rule files are read: ajv takes its time. */
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { configSchema } from '../config/schema.js';
import { overrideSchema, packSchema, ruleSchema } from './rule.js';

const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true });
ajv.addVocabulary(['x-unit']);

export const rule: ValidateFunction = ajv.compile(ruleSchema);
export const override: ValidateFunction = ajv.compile(overrideSchema);
export const pack: ValidateFunction = ajv.compile(packSchema);
export const config: ValidateFunction = ajv.compile(configSchema);
