/** Nodes shown as columns. */
const MOST_NODES = 16;

/** The nodes that have a column, and what is said of the others. */
export const shownNodes = <T>(nodes: readonly T[]): { shown: readonly T[]; notes: string[] } => ({
  shown: nodes.slice(0, MOST_NODES),
  notes: nodes.length > MOST_NODES ? [`The first ${MOST_NODES} of ${nodes.length} nodes.`] : [],
});
