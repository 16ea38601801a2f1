import type HandlebarsModule from 'handlebars';
import type { Unit } from '../facts/fact.js';
import { bytes, count, duration, percent, rate } from '../format.js';
import { didYouMean } from './suggest.js';
import { entityInProse, valueText } from './value.js';

export type Handlebars = typeof HandlebarsModule;

/** What a name in a template stands for: the key of the value, and its unit. Undefined when there is no such name. */
export type Resolve = (name: string) => { readonly key: string; readonly unit: Unit } | undefined;

/** A template that was read: ready to compile unless it has problems. */
export interface ReadTemplate {
  readonly program: hbs.AST.Program | null;
  readonly problems: readonly string[];
  /** The keys of the values that it shows or asks for. */
  readonly keys: readonly string[];
}

/** Every word in the mustaches of a template: the names that it may show, among others. */
export const namesIn = (template: string): string[] =>
  template
    .split('{{')
    .slice(1)
    .flatMap((part) => (part.split('}}', 1)[0] ?? '').split(/[\s#/]+/));

const number = (format: (value: number) => string) => (value: unknown, unit: Unit) =>
  typeof value === 'number' ? format(value) : valueText(value, unit);

/** `{{percent mem.free_pct}}`. Each gets the value and its unit; what is not known reads "unknown". */
export const HELPERS: Readonly<Record<string, (value: unknown, unit: Unit) => string>> = {
  bytes: number(bytes),
  percent: number(percent),
  rate: (value, unit) => (unit.endsWith('/s') || typeof value !== 'number' ? valueText(value, unit) : rate(value)),
  seconds: number(duration),
  count: number(count),
  number: number(count),
  entity: entityInProse,
  /** What a name alone, `{{mem.free_pct}}`, becomes: the value as its unit asks. */
  show: valueText,
};
const BLOCKS = ['if', 'unless'];
/** As the parser would make it of `"…"`. */
const literal = (value: string, loc: hbs.AST.SourceLocation): hbs.AST.StringLiteral => ({
  type: 'StringLiteral',
  value,
  original: value,
  loc,
});
const MAX_LENGTH = 4000;

/**
 * Reads a template, says all that is not accepted in it, and rewrites it so that a name is one key of a flat map: no path is
 * ever followed, so there is no prototype to reach.
 */
export function readTemplate(handlebars: Handlebars, template: string, resolve: Resolve, names: () => Iterable<string>): ReadTemplate {
  const problems: string[] = [];
  const keys: string[] = [];
  if (template.length > MAX_LENGTH) return { program: null, problems: [`the template is longer than ${MAX_LENGTH} characters`], keys };
  let program: hbs.AST.Program;
  try {
    program = handlebars.parse(template);
  } catch (error) {
    return { program: null, problems: [`the template cannot be read: ${parseMessage(error)}`], keys };
  }

  /** Turns a name into a key. @returns its unit, or null when it is no name. */
  function name(expression: hbs.AST.Expression): Unit | null {
    if (expression.type !== 'PathExpression') return refuse(`found a ${expression.type}, expected the name of a fact or param`);
    const path = expression as hbs.AST.PathExpression;
    const dotted = path.parts.join('.');
    if (path.data || path.depth > 0 || dotted === '')
      return refuse(`found ${JSON.stringify(path.original)}, expected the name of a fact or param`);
    const found = resolve(dotted);
    if (!found) return refuse(`there is no fact or param ${JSON.stringify(dotted)}${didYouMean(dotted, names())}`);
    path.parts = [found.key];
    path.original = found.key;
    keys.push(found.key);
    return found.unit;
  }

  function refuse(problem: string): null {
    problems.push(problem);
    return null;
  }

  function mustache(statement: hbs.AST.MustacheStatement): void {
    if (!statement.escaped) refuse('"{{{" and "{{&" are not accepted: texts are escaped where they are shown');
    if (statement.hash?.pairs.length) refuse('named arguments (a=b) are not accepted');
    const path = statement.path as hbs.AST.PathExpression;
    if (statement.params.length === 0) {
      const value = { ...path, parts: [...(path.parts ?? [])] };
      const unit = name(value);
      if (unit === null) return;
      statement.path = { ...path, parts: ['show'], original: 'show' } as hbs.AST.PathExpression;
      statement.params = [value, literal(unit, statement.loc)];
      return;
    }
    const helper = path.original;
    if (!Object.hasOwn(HELPERS, helper)) {
      refuse(
        `there is no helper ${JSON.stringify(helper)}: accepted are ${Object.keys(HELPERS).join(', ')}${didYouMean(helper, Object.keys(HELPERS))}`,
      );
      return;
    }
    const [argument, ...more] = statement.params;
    if (argument === undefined || more.length > 0) return void refuse(`{{${helper} …}} takes one name`);
    const unit = name(argument);
    if (unit !== null) statement.params = [argument, literal(unit, statement.loc)];
  }

  function block(statement: hbs.AST.BlockStatement): void {
    const keyword = statement.path.original;
    if (!BLOCKS.includes(keyword)) refuse(`the block "{{#${keyword}}}" is not accepted: only {{#if}} and {{#unless}} are`);
    else if (statement.params.length !== 1 || statement.hash?.pairs.length || statement.program?.blockParams?.length)
      refuse(`{{#${keyword} …}} takes one name`);
    else name(statement.params[0] as hbs.AST.Expression);
    for (const inner of [statement.program, statement.inverse]) if (inner) body(inner);
  }

  function body(inner: hbs.AST.Program): void {
    for (const statement of inner.body) {
      if (statement.type === 'MustacheStatement') mustache(statement as hbs.AST.MustacheStatement);
      else if (statement.type === 'BlockStatement') block(statement as hbs.AST.BlockStatement);
      else if (statement.type !== 'ContentStatement' && statement.type !== 'CommentStatement')
        refuse(`a ${statement.type} is not accepted: only {{name}}, {{helper name}}, {{#if name}} and {{#unless name}} are`);
    }
  }

  body(program);
  return { program, problems, keys };
}

const parseMessage = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').slice(0, 200);

/** Values by key; those without a value are unknown. Made with a null prototype. */
export type TemplateValues = Readonly<Record<string, unknown>>;

/** Makes a function of a template that has no problems. */
export function compileTemplate(handlebars: Handlebars, program: hbs.AST.Program): (values: TemplateValues) => string {
  if (!environment) {
    environment = handlebars.create();
    environment.registerHelper({ ...HELPERS });
  }
  const knownHelpers = Object.fromEntries(Object.keys(HELPERS).map((helper) => [helper, true]));
  return environment.compile(program, { noEscape: true, knownHelpers, knownHelpersOnly: true });
}

/** Our own, so that nothing registered elsewhere is in reach. */
let environment: Handlebars | undefined;

/** Handlebars, loaded when the first text is needed. */
export async function loadHandlebars(): Promise<Handlebars> {
  return (await import('handlebars')).default;
}
