import { factDefinitions, itemDefinitions } from '../facts/derive.js';
import { FACT_ALIASES } from './fact-schema.js';
import { type Vocabulary, vocabularyOf } from './vocabulary.js';

/** The names that this version knows. */
export const VOCABULARY: Vocabulary = vocabularyOf(factDefinitions, itemDefinitions, FACT_ALIASES);
