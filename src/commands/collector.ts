import { EXIT } from '../errors.js';
import { collectorScript } from '../gather/collector/script.js';
import { writeDocument } from './output.js';

/** `memdoctor collector`: the script. @returns the exit status. */
export async function collector(): Promise<number> {
  await writeDocument(collectorScript(), undefined);
  return EXIT.done;
}
