/** The few pieces of SVG that the charts are made of. Classes only, no style attributes: the page's policy forbids them. */

/** Escapes text for an element or a quoted attribute. */
export const svgText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

/** A number as short as a picture needs it: two digits after the point. */
export const num = (value: number): string => String(Number((Number.isFinite(value) ? value : 0).toFixed(2)));

/** An element with attributes; values are escaped, numbers rounded. */
export function element(name: string, attributes: Readonly<Record<string, string | number>>, children = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${typeof value === 'number' ? num(value) : svgText(value)}"`);
  return children === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${children}</${name}>`;
}

/** A picture with a text alternative. It grows with the page's width. */
export const picture = (width: number, height: number, label: string, kind: string, children: string): string =>
  element(
    'svg',
    { class: `chart ${kind}`, viewBox: `0 0 ${num(width)} ${num(height)}`, role: 'img', 'aria-label': label },
    children || ' ',
  );

/** A hint that a pointer shows. */
export const hint = (text: string): string => element('title', {}, svgText(text));
