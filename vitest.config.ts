import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, longest first: begun last, one of them would keep one worker busy when the others have done. */
const LONGEST = ['browser/accessible', 'browser/hostile', 'hostile-host', 'cli', 'collector', 'charts-browser', 'rules-docs', 'gather'];

const place = ({ moduleId }: TestSpecification): number => {
  const index = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return index === -1 ? LONGEST.length : index;
};

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files);
    return others.toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // processes, not threads: some tests measure the processor time of their own
    pool: 'forks',
    isolate: false,
    // by default one fewer than there are processors: one of two would be idle, and much of the time goes by in waiting
    maxWorkers: Math.max(2, availableParallelism()),
    // of one file, where a file asks for it; programs with deadlines among them: not too many for two processors
    maxConcurrency: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
