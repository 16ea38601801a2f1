import { Marked } from 'marked';
import { svgText as escapeHtml } from '../templates/charts/svg.js';
import { markdownProse, safeUrl } from './escape.js';

/**
 * Prose becomes HTML by way of the same escaped Markdown that the Markdown report has. Two locks on one door: what escaping
 * might let through, the renderers refuse: no HTML, no picture, no link but https.
 */
const marked = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => escapeHtml(text),
    image: ({ text }) => escapeHtml(text),
    link({ href, tokens }) {
      const inner = this.parser.parseInline(tokens);
      return safeUrl(href) ? `<a href="${escapeHtml(href)}" rel="noreferrer noopener">${inner}</a>` : inner;
    },
  },
});

/** A paragraph of prose as HTML, without the paragraph's own element. */
export const proseHtml = (text: string): string => marked.parseInline(markdownProse(text), { async: false });
