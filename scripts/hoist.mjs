/** Shorter ones are less code where they stand than a call of a function. */
const LEAST = 20;

/**
 * A schema whose parts that occur more than once stand in `$defs`, each once: with ajv's `inlineRefs: false` they are compiled to one function
 * each, which halves the code. What validation does not look at is left out. Accepts and refuses the same, at the same places.
 */
export function hoisted(schema) {
  const plain = JSON.parse(JSON.stringify(schema), (key, value) =>
    (key === 'description' && typeof value === 'string') || key === 'x-unit' ? undefined : value,
  );
  const seen = new Map();
  visit(plain, (part) => {
    const text = JSON.stringify(part);
    if (text.length >= LEAST) seen.set(text, (seen.get(text) ?? 0) + 1);
  });
  const $defs = {};
  const names = new Map();

  function placed(part) {
    const text = JSON.stringify(part);
    if ((seen.get(text) ?? 0) < 2) return changed(part, placed);
    if (!names.has(text)) {
      names.set(text, `s${names.size}`);
      $defs[names.get(text)] = changed(part, placed);
    }
    return { $ref: `#/$defs/${names.get(text)}` };
  }
  return { ...changed(plain, placed), $defs };
}

/** The keywords of src/json-schema.ts that hold schemas. */
function changed(schema, change) {
  const copy = { ...schema };
  for (const keyword of ['items', 'additionalProperties']) if (typeof copy[keyword] === 'object') copy[keyword] = change(copy[keyword]);
  if (copy.properties) copy.properties = Object.fromEntries(Object.entries(copy.properties).map(([name, part]) => [name, change(part)]));
  if (copy.anyOf) copy.anyOf = copy.anyOf.map((part) => change(part));
  return copy;
}

function visit(schema, look) {
  look(schema);
  changed(schema, (part) => {
    visit(part, look);
    return part;
  });
}
