import { count, type Infer, list, nullable, row, text } from '../json-schema.js';

/** The appendix: what the common tools would have shown of this snapshot, in their own columns and units. */
export const toolsSchema = list(
  row(
    {
      id: text(),
      command: text('as a person would have called it'),
      title: text(),
      lines: list(text(), 'above the table, or all there is'),
      columns: list(text(), 'heads, as the tool prints them'),
      rows: list(list(text()), 'a cell for each column, as the tool prints it; "-" is not known'),
      note: nullable(text('where the tool itself misleads, what the snapshot lacks')),
    },
    { groups: list(row({ name: text(), columns: count() }), 'heads over several columns, from the left') },
  ),
  'empty lines and rows: the note says why',
);

export type ReportTool = Infer<typeof toolsSchema>[number];
