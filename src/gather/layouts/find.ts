import { InputError, quote } from '../../errors.js';
import type { Tree } from '../tree.js';
import { layouts } from './index.js';
import type { Layout } from './layout.js';

/** Where the evidence is in a tree, and how it lies there; `manifest`: as memdoctor writes it. */
export interface Found {
  readonly base: string;
  readonly layout: Layout | 'manifest';
}

/** So many names at one place are looked into. */
const MOST_NAMES = 1000;

/** Looks for evidence at the top, in the directories there, and one deeper; null when there is none. @throws InputError when there are several. */
export async function findLayout(tree: Tree, name: string): Promise<Found | null> {
  let places = [''];
  for (let depth = 0; depth < 3; depth += 1) {
    const found: Found[] = [];
    const below: string[] = [];
    for (const base of places) {
      const names = await tree.list(base);
      const layout = layoutOf(new Set(names));
      if (layout) found.push({ base, layout });
      below.push(...names.slice(0, MOST_NAMES).map((entry) => (base === '' ? entry : `${base}/${entry}`)));
    }
    const [only] = found;
    if (found.length > 1) {
      const shown = found.slice(0, 3).map(({ base }) => quote(base));
      throw new InputError(
        `${name}: holds ${found.length} hosts' evidence (${shown.join(', ')}${found.length > 3 ? ', …' : ''}): give one at a time`,
      );
    }
    if (only) return only;
    places = below.slice(0, MOST_NAMES);
  }
  return null;
}

function layoutOf(names: ReadonlySet<string>): Layout | 'manifest' | null {
  if (names.has('manifest.json')) return 'manifest';
  const fitting = layouts.filter((layout) => layout.fits(names) > 0).toSorted((a, b) => b.fits(names) - a.fits(names));
  return fitting[0] ?? null;
}
