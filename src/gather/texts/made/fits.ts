/** No line of a table is longer; patterns that could be slow on one that is are not tried. */
const LONGEST = 1000;

/** True when a line has the shape, and is no longer than lines of tables are. */
export const fits = (shape: RegExp, line: string, longest = LONGEST): boolean => line.length <= longest && shape.test(line);
