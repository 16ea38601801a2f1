import { bytes } from '../../format.js';
import { labelledBars } from '../../templates/charts/labelled-bars.js';
import { stackedBar } from '../../templates/charts/stacked-bar.js';
import type { OomMoment } from '../oom-schema.js';
import { ownerName } from '../owner.js';
import { letterOf, toneOf } from '../tones.js';
import { pictureName } from './name.js';
import { watermarkBars } from './zones.js';

/** The pictures of a moment, each with its caption; those that the log has no figures for are left out. */
export function oomFigures(
  moment: OomMoment,
): { caption: string; svg: string; keys: { tone: string; letter: string; name: string }[]; shape: string }[] {
  return [sheetFigure(moment), tasksFigure(moment), zonesFigure(moment)].filter(({ svg }) => svg !== '');
}

function sheetFigure({ sheet }: OomMoment) {
  const none = { caption: '', svg: '', keys: [], shape: 'whole' };
  if (!sheet) return none;
  const lines = sheet.lines.filter((line) => line.bytes > 0).toSorted((a, b) => b.bytes - a.bytes);
  const parts = lines.map((line, index) => ({
    label: `${letterOf(index)}, ${pictureName(line.name)}: ${bytes(line.bytes)}`,
    name: pictureName(line.name),
    letter: letterOf(index),
    value: line.bytes,
    tone: toneOf(line.name, index),
  }));
  const rest = {
    label: `?, on no line: ${bytes(sheet.unaccountedBytes)}`,
    name: 'on no line',
    letter: '?',
    value: sheet.unaccountedBytes,
    tone: 'lost',
  };
  const all = [...parts, rest].filter(({ value }) => value > 0);
  return {
    caption: `Where the memory was, of ${bytes(sheet.totalBytes)} (${sheet.totalSource})`,
    svg: stackedBar(all, `Where the memory was: ${all.map(({ label }) => label).join('; ')}.`),
    keys: all.map(({ tone, letter, name, value }) => ({ tone, letter, name: `${name} ${bytes(value)}` })),
    shape: 'whole',
  };
}

function tasksFigure({ tasks }: OomMoment) {
  const rows = tasks.slice(0, 8).map((task) => {
    const name = pictureName(ownerName({ name: task.name, ...(task.pid === null ? {} : { pid: task.pid }) }), 26);
    const [rss, swap] = [task.rssBytes ?? task.anonBytes ?? 0, task.swapBytes ?? 0];
    return {
      label: task.killed ? `✕ killed: ${name}` : name,
      value: swap > 0 ? `${bytes(rss)} + ${bytes(swap)} swapped` : bytes(rss),
      parts: [
        { label: `resident ${bytes(rss)}`, value: rss, tone: task.killed ? 't3' : 't0' },
        { label: `swapped ${bytes(swap)}`, value: swap, tone: 'idle' },
      ],
    };
  });
  return {
    caption: 'Who held it: the largest processes, resident and swapped out',
    svg: labelledBars(rows, `Largest processes: ${rows.map(({ label, value }) => `${label}: ${value}`).join('; ')}.`),
    keys: [],
    shape: 'half',
  };
}

function zonesFigure({ zones }: OomMoment) {
  const shown = zones.map((zone) => ({ ...zone, name: zone.usable === false ? `${zone.name} (not usable)` : zone.name }));
  return { caption: 'Free memory by zone, against the marks', svg: watermarkBars(shown), keys: [], shape: 'half' };
}
