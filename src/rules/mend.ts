import type { Finding } from './problem.js';
import type { RuleFile } from './rule.js';

type Members = Record<string, unknown>;

/** What stands in for an element that has not the shape of one. */
const ELEMENTS: Readonly<Record<string, unknown>> = {
  tests: { name: '', facts: {}, expect: 'unknown' },
  actions: { kind: 'confirm', text: '' },
  references: { title: '', url: 'https://localhost' },
  levels: { severity: 'info', conditions: { all: [] } },
};
const NEEDED: Readonly<Members> = { title: '', category: 'x', message: '', tests: [] };
const CONDITION = /^(.*?\/conditions(?:\/(?:all|any)\/\d+|\/not)*)(?:\/|$)/;

/**
 * A rule of which some parts have a wrong shape, with harmless ones in their places: so that its names can be looked at too, and all
 * that is wrong is said at once.
 */
export function mended(value: Readonly<Members>, findings: readonly Finding[]): RuleFile {
  const rule = structuredClone(value) as Members;
  for (const { at } of findings) {
    const condition = CONDITION.exec(at)?.[1];
    const [, member = '', index = ''] = at.split('/');
    if (condition !== undefined) put(rule, condition, { all: [] });
    else if (Object.hasOwn(ELEMENTS, member) && index !== '') put(rule, `/${member}/${index}`, ELEMENTS[member]);
    else delete rule[member];
  }
  for (const [member, part] of Object.entries(NEEDED)) rule[member] ??= part;
  if (Array.isArray(rule['levels'])) delete rule['conditions'];
  else {
    rule['conditions'] ??= { all: [] };
    rule['severity'] ??= 'info';
  }
  return rule as unknown as RuleFile;
}

/** Whether what is found in a mended rule is worth saying: not where it was mended, nor what follows from that. */
export function tells({ at, message }: Finding, findings: readonly Finding[]): boolean {
  if (findings.some((shape) => at === shape.at || (shape.at !== '' && (at.startsWith(`${shape.at}/`) || shape.at.startsWith(`${at}/`)))))
    return false;
  const level = findings.some((shape) => shape.at === '' || /^\/(?:severity|levels)/.test(shape.at));
  return !message.includes('is not used') && !(level && at.endsWith('/expect'));
}

/** Puts a value where a pointer leads, if it leads to something. */
function put(root: Members, pointer: string, value: unknown): void {
  const parts = pointer.split('/').slice(1);
  const last = parts.pop();
  let at: unknown = root;
  for (const part of parts) at = typeof at === 'object' && at !== null && Object.hasOwn(at, part) ? (at as Members)[part] : undefined;
  if (typeof at === 'object' && at !== null && last !== undefined && Object.hasOwn(at, last)) (at as Members)[last] = value;
}
