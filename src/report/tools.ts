import type { Snapshot } from '../gather/snapshot.js';
import { tools } from './tools/index.js';
import type { ReportTool } from './tools-schema.js';

/** What each tool would have shown, in the order of their places; pure, and it throws for no snapshot that is valid. */
export const toolsOf = (snapshot: Snapshot): ReportTool[] =>
  Object.entries(tools)
    .toSorted(([, a], [, b]) => a.place - b.place)
    .map(([id, tool]) => {
      const { command = tool.command, lines = [], columns = [], groups, rows = [], notes = [] } = tool.table(snapshot);
      return {
        id,
        command,
        title: tool.title,
        lines: [...lines],
        columns: [...columns],
        rows: rows.map((cells) => [...cells]),
        note: notes.length > 0 ? notes.join(' ') : null,
        ...(groups === undefined ? {} : { groups: groups.map((group) => ({ ...group })) }),
      };
    });
