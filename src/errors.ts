/** The error kinds that reach a user, each with its exit status. Anything else is an internal error (status 3). */

/** Wrong usage or input: one clear line that names the file, the place in it, what was found and what is accepted. Exit status 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** A source's text is not what its parser accepts; says where. Contained by the gatherer: it costs that source only. */
export class ParseError extends Error {
  override readonly name = 'ParseError';
}

export const EXIT = { done: 0, failOn: 1, usage: 2, internal: 3 } as const;

/** Quotes a bit of untrusted text for a one-line message: control characters escaped, cut at 60 characters. */
export function quote(text: string): string {
  const cut = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return JSON.stringify(cut);
}
