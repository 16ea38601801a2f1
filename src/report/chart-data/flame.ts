/** The layout of a flame graph; pure. */

/** One box: a function in one place of the tree, as wide as its share of all that was counted. */
export interface Frame {
  readonly name: string;
  /** 0 for the process. */
  readonly depth: number;
  /** From 0 to 1. */
  readonly from: number;
  readonly width: number;
  readonly count: number;
}

export interface Flame {
  readonly frames: readonly Frame[];
  /** How many levels are drawn. */
  readonly levels: number;
  /** Sum of all stacks. */
  readonly total: number;
  /** Boxes that are not drawn: too narrow, too deep or too many. */
  readonly left: number;
}

/** What is narrower than this share of the width is left out, and what is deeper than so many levels. */
export const LEAST_SHARE = 0.003;
const MOST_LEVELS = 32;

interface Node {
  readonly name: string;
  count: number;
  readonly children: Map<string, Node>;
}

/**
 * Lays out folded stacks: equal beginnings are one box, the largest at the left. The widest boxes are drawn, at most `most`; a box never
 * without the one that it hangs on.
 */
export function layFlame(stacks: readonly { readonly stack: string; readonly count: number }[], most: number): Flame {
  const root: Node = { name: '', count: 0, children: new Map() };
  let deeper = 0;
  for (const { stack, count } of stacks) {
    if (!(count > 0)) continue;
    const names = stack.split(';');
    if (names.length > MOST_LEVELS) deeper += names.length - MOST_LEVELS;
    root.count += count;
    let node = root;
    for (const name of names.slice(0, MOST_LEVELS)) {
      const child = node.children.get(name) ?? { name, count: 0, children: new Map<string, Node>() };
      child.count += count;
      node.children.set(name, child);
      node = child;
    }
  }
  const all = placed(root);
  // a child is never wider than what it hangs on, and comes after it when they are as wide
  const drawn = all
    .filter(({ width }) => width >= LEAST_SHARE)
    .toSorted((a, b) => b.width - a.width || a.depth - b.depth)
    .slice(0, most);
  return {
    frames: drawn,
    levels: drawn.reduce((levels, { depth }) => Math.max(levels, depth + 1), 0),
    total: root.count,
    left: all.length - drawn.length + deeper,
  };
}

/** Every box of the tree with its place. */
function placed(root: Node): Frame[] {
  const frames: Frame[] = [];
  const place = (node: Node, depth: number, start: number): void => {
    let from = start;
    for (const child of [...node.children.values()].toSorted((a, b) => b.count - a.count)) {
      const width = child.count / root.count;
      frames.push({ name: child.name, depth, from, width, count: child.count });
      place(child, depth + 1, from);
      from += width;
    }
  };
  place(root, 0, 0);
  return frames;
}
