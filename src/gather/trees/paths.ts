/**
 * The path in its plain form (`a/b`), or null when it is none below a root: absolute, empty, with `..` or a NUL in it.
 * `.` segments and doubled slashes are dropped.
 */
export function plainPath(path: string): string | null {
  if (path.startsWith('/') || path.includes('\0')) return null;
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.length === 0 || segments.includes('..') ? null : segments.join('/');
}
