import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { balanceOf } from '../src/facts/balance-lines.js';
import { deriveFacts } from '../src/facts/derive.js';
import { Unknown } from '../src/facts/fact.js';
import { View } from '../src/facts/view.js';
import { openEvidence } from '../src/gather/evidence.js';
import { snapshotFromEvidence } from '../src/gather/gather.js';

/** Captures of real kernels with a known state, where they are at hand. */
const CAPTURES = join(import.meta.dirname, '../../shared/lab/captures');
const MIB = 1 << 20;
/** What is at most unaccounted on a small guest when nothing is hidden. */
const RESIDUE = 12 * MIB;

const ids = existsSync(CAPTURES)
  ? readdirSync(CAPTURES).flatMap((name) => (name.endsWith('.tar.xz') ? [name.slice(0, -'.tar.xz'.length)] : []))
  : [];

describe.skipIf(ids.length === 0)('the balance sheet of captures', () => {
  test.each(ids)('%s', async (id) => {
    const { cause, primary } = JSON.parse(readFileSync(join(CAPTURES, `${id}.json`), 'utf8')) as { cause: string; primary: string };
    const snapshot = await snapshotFromEvidence(await openEvidence(join(CAPTURES, `${id}.tar.xz`)));
    const { facts, items } = deriveFacts(snapshot);
    const view = new View(
      snapshot,
      (name) => facts[name] ?? { value: null, unit: 'text', from: [] },
      (name) => {
        const set = items[name];
        if (!set?.items) throw new Unknown(`${name} is unknown`);
        return { items: set.items, from: set.from };
      },
    );
    for (const which of ['first', 'last'] as const) {
      const { lines, totalBytes, unaccountedBytes, trust } = balanceOf(view, which);
      const sum = lines.reduce((all, { bytes, of }) => all + (of === undefined ? bytes : 0), 0);
      expect(sum + unaccountedBytes).toBe(totalBytes);
      expect(lines.filter(({ bytes, source }) => bytes < 0 || source === '')).toEqual([]);
      expect(trust).not.toBe('');
      // Pages that no counter owns up to are in what the truth speaks of: pipe, socket, perf and driver buffers
      if (/no meminfo class|unaccounted|pipe buffers|socket buffers/.test(`${cause} ${primary}`))
        expect(unaccountedBytes).toBeGreaterThan(100 * MIB);
      else expect(Math.abs(unaccountedBytes)).toBeLessThan(RESIDUE);
    }
    expect(facts['acct.unaccounted_bytes']?.value).toBe(balanceOf(view).unaccountedBytes);
    for (const [name, { value, reason }] of Object.entries(facts)) if (value === null) expect(reason, name).toMatch(/\w/);
  });
});
