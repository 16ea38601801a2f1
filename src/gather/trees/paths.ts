/** Beyond these no path is of use here; the kernel's own bounds for a path and a name are 4096 and 255. */
const [LONGEST_PATH, MOST_SEGMENTS] = [4096, 64];

/**
 * The path in its plain form (`a/b`), or null when it is none below a root: absolute, empty, too long or too deep, with `..` or a
 * NUL in it. `.` segments and doubled slashes are dropped.
 */
export function plainPath(path: string): string | null {
  if (path.startsWith('/') || path.includes('\0') || path.length > LONGEST_PATH) return null;
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.length === 0 || segments.length > MOST_SEGMENTS || segments.includes('..') ? null : segments.join('/');
}
