import { sources } from '../gather/sources/index.js';
import { defineFacts, type FactDefinition } from './fact.js';

/** How each source fared: what tells "healthy" from "not looked at". */
export default defineFacts(Object.fromEntries(Object.entries(sources).map(([id, { title }]) => [`coverage.${id}`, coverageOf(id, title)])));

function coverageOf(id: string, title: string): FactDefinition {
  return {
    title: `How the reading of ${title} fared`,
    unit: 'text',
    formula: `status of the source ${id}: ok, partial, absent, denied, unsupported, timeout, failed or skipped`,
    validity: 'absent also when nobody tried',
    value: (view) => {
      view.used(title);
      return view.snapshot.sources[id]?.status ?? 'absent';
    },
  };
}
