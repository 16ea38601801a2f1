import { quote } from '../errors.js';
import { checkRule, conditionsOf } from './check.js';
import type { Known } from './check-conditions.js';
import { notesOn } from './check-notes.js';
import { type CheckedOverride, checkOverrides } from './check-overrides.js';
import { leavesOf } from './conditions.js';
import { cycles } from './cycles.js';
import { readDocument, stemOf, yamlFor } from './document.js';
import { VOCABULARY } from './known.js';
import { tells } from './mend.js';
import { aliasOf, qualifier, renamed } from './names.js';
import type { Pack } from './packs.js';
import { isObject, type ParsedRule, parseRule, toRule } from './parse.js';
import { type Finding, type Report, type RuleProblem, withinLimit } from './problem.js';
import { isDiagnosisId, type Rule, type RuleFile } from './rule.js';
import { loadHandlebars } from './template.js';
import type { Vocabulary } from './vocabulary.js';

/** A rule file of a pack; its ids are those that it has among all rules. */
export interface CheckedRule extends ParsedRule {
  readonly pack: Pack;
}

export interface Checked {
  readonly parsed: readonly CheckedRule[];
  readonly overrides: readonly CheckedOverride[];
  /** The rules that were there before and are changed, by id. */
  readonly changed: ReadonlyMap<string, Rule>;
  readonly problems: readonly RuleProblem[];
  /** What is no mistake yet, but looks like one. */
  readonly notes: readonly RuleProblem[];
  /** What is for a newer memdoctor, and is left out. */
  readonly skipped: readonly RuleProblem[];
}

/** How many comparisons all added rules together may cost; one in a rule with forEach counts for many items. */
const MAX_COST = 60_000;
const ITEMS = 30;

/** Reads and checks the rules and overrides of packs, together with the rules that they may refer to. */
export async function checkPacks(packs: readonly Pack[], others: readonly Rule[], vocabulary: Vocabulary = VOCABULARY): Promise<Checked> {
  const { rule: validateRule, override: validateOverride } = await import('./rule-validator.js');
  const handlebars = await loadHandlebars();
  const readYaml = await yamlFor(packs.flatMap(({ texts }) => texts));
  const problems: RuleProblem[] = [];
  const notes: RuleProblem[] = [];
  const skipped = packs.flatMap((pack) => pack.skipped ?? []);

  const documents = packs.flatMap((pack) => pack.texts.map((text) => ({ pack, text, document: readDocument(text, readYaml) })));
  const changes = documents.filter(({ document }) => isObject(document.value) && Object.hasOwn(document.value, 'override'));
  const fresh = documents.filter((entry) => !changes.includes(entry));
  const files = fresh.map(({ pack, text, document }) => ({
    pack,
    ...parseRule(text.file, document, validateRule, pack.factSchemaVersion),
  }));
  const parsed = files.map((entry) => named(entry, files, vocabulary, notes));

  const ids = new Map(others.map((rule) => [rule.id, { diagnosis: rule.diagnosis !== undefined }]));
  for (const { id, rule } of parsed) if (id !== null) ids.set(id, { diagnosis: rule ? rule.diagnosis !== undefined : isDiagnosisId(id) });
  const known: Known = { vocabulary, ids };

  const toNames = ({ pack }: CheckedRule) => ({ id: qualifier(pack, ids), fact: (name: string) => aliasOf(name, vocabulary) });
  const first = new Map<string, string>();
  let cost = 0;
  for (const entry of parsed) {
    const { file, rule, id, problem, problems: shape, mended, skipped: newer } = entry;
    problems.push(...shape);
    if (mended)
      problems.push(...namesIn(mended, (one) => checkRule(handlebars, renamed(mended.rule, toNames(entry)), known, one)).map(problem));
    if (newer) skipped.push(newer);
    if (rule) {
      cost += costOf(rule);
      withinLimit(
        (at, message, key = false) => problems.push(problem({ at, message, key })),
        (report) => {
          checkName(rule.id, file, report);
          checkRule(handlebars, rule, known, report);
        },
      );
      if (!problems.some((found) => found.file === file))
        notesOn(rule, (at, message, key = false) => notes.push(problem({ at, message, key })));
    }
    const earlier = id === null ? undefined : first.get(id);
    if (earlier !== undefined) problems.push(problem({ at: '/id', message: `the id ${quote(id ?? '')} is also that of ${earlier}` }));
    else if (id !== null) first.set(id, file);
    if (rule && cost > MAX_COST && cost - costOf(rule) <= MAX_COST)
      problems.push(
        problem({
          at: '',
          message: `the added rules have more than ${MAX_COST} conditions together (one with forEach counts ${ITEMS} times)`,
        }),
      );
  }
  problems.push(...cycles(parsed, others));

  const own = new Map(parsed.flatMap(({ rule, file, pack }) => (rule ? [[rule.id, asRule(rule, file, pack)] as const] : [])));
  const before = new Map([...others.map((rule) => [rule.id, rule] as const), ...own]);
  const { overrides, changed, ...said } = checkOverrides(changes, { handlebars, known, own, before, validate: validateOverride });
  problems.push(...said.problems);
  skipped.push(...said.skipped);
  return { parsed, overrides, changed, problems, notes, skipped };
}

/** What is wrong with the names in a rule of a wrong shape, as far as it can be told. */
function namesIn({ findings }: NonNullable<ParsedRule['mended']>, check: (report: Report) => void): Finding[] {
  const found: Finding[] = [];
  try {
    withinLimit((at, message, key = false) => found.push({ at, message, key }), check);
  } catch {
    // what is left may still have parts that no check expects: what was found before is said all the same
  }
  return found.filter((finding) => tells(finding, findings));
}

/** A rule ready to run, with the pack that it comes from. */
export const asRule = (rule: RuleFile, file: string, { name }: Pack): Rule => ({
  ...toRule(rule, file, false),
  ...(name !== null && { pack: name }),
});

function checkName(id: string, file: string, report: Report): void {
  const local = id.slice(id.lastIndexOf('/') + 1);
  const stem = stemOf(file);
  if (local !== stem) report('/id', `the id ${quote(local)} is not the name of its file, ${quote(file.slice(file.lastIndexOf('/') + 1))}`);
}

/** Gives the ids of a pack its name, and facts the names that they have now; says which are old. */
function named(entry: CheckedRule, files: readonly CheckedRule[], vocabulary: Vocabulary, notes: RuleProblem[]): CheckedRule {
  const { pack, rule, id, problem } = entry;
  const local = new Map(
    files.flatMap((other) => (other.pack === pack && other.id !== null ? [[`${pack.name ?? ''}/${other.id}`, true]] : [])),
  );
  const full = qualifier(pack, local);
  const aliased = rule ? [...oldNames(rule, vocabulary)] : [];
  for (const [at, name] of aliased) {
    const alias = vocabulary.aliases?.[name];
    if (alias)
      notes.push(
        problem({
          at,
          message: `the fact ${quote(name)} is called ${quote(alias.now)} since version ${alias.since} of the facts: the old name goes on working`,
        }),
      );
  }
  return {
    ...entry,
    id: id === null ? null : full(id),
    rule: rule && { ...renamed(rule, { id: full, fact: (name) => aliasOf(name, vocabulary) }), id: full(rule.id) },
  };
}

function* oldNames(rule: RuleFile, { aliases = {} }: Vocabulary): Generator<[string, string]> {
  if (Object.keys(aliases).length === 0) return;
  for (const [condition, at] of conditionsOf(rule))
    for (const [leaf, below] of leavesOf(condition, at))
      if ('fact' in leaf && Object.hasOwn(aliases, leaf.fact)) yield [`${below}/fact`, leaf.fact];
  for (const [index, name] of (rule.evidence ?? []).entries()) if (Object.hasOwn(aliases, name)) yield [`/evidence/${index}`, name];
}

function costOf(rule: RuleFile): number {
  let count = 0;
  for (const [condition] of conditionsOf(rule)) count += [...leavesOf(condition)].length;
  return count * (rule.forEach === undefined ? 1 : ITEMS);
}
