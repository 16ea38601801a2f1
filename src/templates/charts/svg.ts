/** The few pieces of SVG that the charts are made of. Classes only, no style attributes: the page's policy forbids them. */

/** Escapes text for an element or a quoted attribute. */
export const svgText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

/** A number as short as a picture needs it: two digits after the point. */
export const num = (value: number): string => String(Number((Number.isFinite(value) ? value : 0).toFixed(2)));

/** A part of the width, from 0 to 1, as SVG writes it. */
export const share = (part: number): string => `${num(100 * Math.min(1, Math.max(0, part)))}%`;

/** An element with attributes; values are escaped, numbers rounded. */
export function element(name: string, attributes: Readonly<Record<string, string | number>>, children = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${typeof value === 'number' ? num(value) : svgText(value)}"`);
  return children === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${children}</${name}>`;
}

/**
 * A picture as wide as its place, of a fixed height in pixels: places along it are shares of the width, so that text keeps its
 * size at every width. With a text alternative, or none when the text beside it says the same.
 */
export const picture = (height: number, label: string | null, kind: string, children: string): string =>
  element(
    'svg',
    {
      class: `chart ${kind}`,
      height,
      width: '100%',
      ...(label === null ? { 'aria-hidden': 'true' } : { role: 'img', 'aria-label': label }),
    },
    children || ' ',
  );

/** Text in a picture: its foot stands at y. */
export const label = (kind: string, x: string | number, y: number, text: string, anchor: 'start' | 'middle' | 'end' = 'start'): string =>
  element('text', { class: kind, x, y, ...(anchor === 'start' ? {} : { 'text-anchor': anchor }) }, svgText(text) || ' ');

/** A hint that a pointer shows. */
export const hint = (text: string): string => element('title', {}, svgText(text));
