import { cutMiddle, visible } from '../escape.js';

/** A name or text for a picture: nothing invisible in it, and no longer than fits. SVG escaping is the chart's own. */
export const pictureName = (text: string, most = 40): string => visible(cutMiddle(text, most));
