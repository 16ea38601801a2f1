import { EXIT } from '../errors.js';
import { type publishedSchemas, schemaFor } from '../schemas.js';
import { writeDocument } from './output.js';

/** `memdoctor schema DOCUMENT`. @returns the exit status. */
export async function schema(document: keyof typeof publishedSchemas): Promise<number> {
  await writeDocument(`${JSON.stringify(await schemaFor(document), null, 2)}\n`, undefined);
  return EXIT.done;
}
