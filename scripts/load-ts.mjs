// Imports a TypeScript module of src/: Node 20 cannot strip types, so esbuild makes a temporary bundle of it first.
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { embedded } from './embedded.mjs';

export async function loadTs(entry) {
  // inside the project, so that packages resolve; `import.meta.url` of the bundle is not that of the module
  const dir = mkdtempSync(resolve('node_modules/.memdoctor-'));
  const outfile = join(dir, 'bundle.mjs');
  try {
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      packages: 'external',
      logLevel: 'error',
      define: embedded('0.0.0'),
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
