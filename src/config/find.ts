import { lstatSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export const CONFIG_NAME = 'memdoctor.config.json';

export interface FoundConfig {
  readonly file: string | null;
  /** A configuration that is there and was not used, and why. */
  readonly note: string | null;
}

/**
 * Looks for the configuration in a folder and above, up to the home directory or the root. What is in the evidence under examination
 * must not say how it is judged: folders of `evidence` are passed over, and so is what looks like collected evidence, or belongs to
 * another user.
 */
export function findConfig(from: string, evidence: readonly string[]): FoundConfig {
  const untrusted = evidence.flatMap(realFolder);
  const home = homedir();
  let note: string | null = null;
  for (let dir = realOf(from); ; dir = dirname(dir)) {
    const file = join(dir, CONFIG_NAME);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat) {
      const doubt =
        untrusted.some((folder) => isInside(dir, folder)) || looksLikeEvidence(dir)
          ? 'it lies in evidence'
          : doubtOf(stat.uid, stat.mode, dir);
      if (doubt === null) return { file, note };
      note ??= `${file}: is not used: ${doubt} (--config FILE uses it all the same)`;
    }
    if (dir === home || dirname(dir) === dir) return { file: null, note };
  }
}

/** Whoever can write it says which findings are left out. */
function doubtOf(owner: number, mode: number, dir: string): string | null {
  const own = process.getuid?.();
  if (own !== undefined && owner !== own && owner !== 0) return 'it belongs to another user';
  if ((mode & 0o002) !== 0 && (mode & 0o170000) !== 0o120000) return 'everybody can write to it';
  const folder = statSync(dir);
  if ((folder.mode & 0o1002) === 0o0002) return 'everybody can write to its folder';
  return null;
}

const there = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** A tree of /proc files, a sosreport, raw evidence of memdoctor: the root of a live host is none. */
const looksLikeEvidence = (dir: string): boolean =>
  dir !== '/' &&
  (there(join(dir, 'proc', 'meminfo')) ||
    there(join(dir, 'sos_commands')) ||
    (there(join(dir, 'manifest.json')) && there(join(dir, 'sample-1'))));

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function realFolder(path: string): string[] {
  if (path === '-') return [];
  const real = realOf(path);
  return statSync(real, { throwIfNoEntry: false })?.isDirectory() ? [real] : [];
}

const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
