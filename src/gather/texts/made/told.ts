/** What the command line of a tool says of its output. Pure. */
import { stem } from '../shape.js';

/**
 * The options with which a tool was run, ` -m -s 5`, from what is told of its output: the command line, or a file named after it
 * as a sosreport names them (`free_-m`). Empty when they are not known.
 */
export function optionsOf(told: string | undefined, tool: string): string {
  if (told === undefined || told.length > 1000) return '';
  for (const command of [told, stem(told).replaceAll('_', ' ')]) {
    const words = (command.split('|', 1)[0] ?? '').trim().split(/\s+/);
    const at = words.findIndex((word) => word.slice(word.lastIndexOf('/') + 1) === tool);
    if (at >= 0 && words.length > at + 1) return ` ${words.slice(at + 1).join(' ')}`;
  }
  return '';
}

/** The value of an option, `-s 5`, `-s5`; null when it is not there or no number. */
export function optionValue(options: string, letter: string): number | null {
  const match = new RegExp(String.raw`\s-[a-zA-Z]{0,9}${letter}\s{0,3}(\d{1,6}(?:\.\d{1,3})?)(?:\s|$)`).exec(options);
  return match ? Number(match[1]) : null;
}
