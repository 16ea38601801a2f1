/**
 * The one source of truth for every document: plain JSON Schema (2020-12) literals made by small helpers,
 * TypeScript types by `Infer`, validators by ajv at build time, published files by `npm run generate`.
 */

type Props = Readonly<Record<string, unknown>>;
type Simplify<T> = { [K in keyof T]: T[K] };

/** The TypeScript type of the values that a schema made by these helpers accepts. */
export type Infer<S> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly anyOf: readonly (infer A)[] }
      ? A extends unknown
        ? Infer<A>
        : never
      : S extends { readonly type: 'null' }
        ? null
        : S extends { readonly type: 'string' }
          ? string
          : S extends { readonly type: 'number' | 'integer' }
            ? number
            : S extends { readonly type: 'boolean' }
              ? boolean
              : S extends { readonly type: 'array'; readonly items: infer I }
                ? Infer<I>[]
                : S extends { readonly properties: infer P; readonly required: readonly (infer R)[] }
                  ? Simplify<
                      { [K in keyof P as K extends R ? K : never]: Infer<P[K]> } & {
                        [K in keyof P as K extends R ? never : K]?: Infer<P[K]>;
                      }
                    >
                  : S extends { readonly additionalProperties: infer V }
                    ? Record<string, Infer<V>>
                    : unknown;

/** A size in bytes. */
export const bytes = (description = '') => ({ type: 'number', minimum: 0, 'x-unit': 'bytes', description }) as const;
/** A count of things, or a kernel counter as the kernel prints it. */
export const count = (description = '') => ({ type: 'number', minimum: 0, description }) as const;
/** Seconds, since whatever the description says. */
export const seconds = (description = '') => ({ type: 'number', 'x-unit': 's', description }) as const;
/** Any finite number. */
export const number = (description = '') => ({ type: 'number', description }) as const;
/** Text as the kernel or the host gave it: untrusted. */
export const text = (description = '') => ({ type: 'string', description }) as const;
export const boolean = (description = '') => ({ type: 'boolean', description }) as const;
/** One of the words given. */
export const oneOf = <const E extends readonly string[]>(values: E, description = '') =>
  ({ type: 'string', enum: values, description }) as const;
export const constant = <const C extends string>(value: C) => ({ const: value }) as const;
export const list = <const I>(items: I, description = '') => ({ type: 'array', items, description }) as const;
/** An open map: names are the kernel's, all values of one kind. */
export const map = <const V>(values: V, description = '') => ({ type: 'object', additionalProperties: values, description }) as const;
export const nullable = <const S>(schema: S) => ({ anyOf: [schema, { type: 'null' }] }) as const;

/** A closed object: the first map holds the members that must be there, the second those that may be. */
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- no optional members is what the default means
export const row = <const R extends Props, const O extends Props = Record<never, never>>(
  required: R,
  optional: O = {} as O,
  description = '',
) =>
  ({
    type: 'object',
    description,
    properties: { ...required, ...optional },
    required: Object.keys(required) as (keyof R)[],
    additionalProperties: false,
  }) as const;
