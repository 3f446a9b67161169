import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// What mutants are hunted with: the tests of this process that answer quickly. Those that start
// programs would load the sources as they are, and those that try thousands of machines try fewer.
const conditions = ['@ticket-lifecycle/source'];

// The first test that fails ends the run of a mutant, so the files that take seconds come last, the
// slowest at the end.
const slow = [
  'xstate-params',
  'minutes',
  'measure-sla',
  'guard-params',
  'replay',
  'brute-force',
  'replay-log',
  'plan-weights',
  'edits',
];
const placeOf = ({ moduleId }: TestSpecification): number =>
  slow.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));

class QuickFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A file starts in the process of the last one: a mutant costs half a second instead of many.
    isolate: false,
    sequence: { sequencer: QuickFilesFirst },
    setupFiles: ['test/support/fixed-seed.ts'],
    include: ['test/**/*.test.ts'],
    env: { LIFECYCLE_FUZZ_RUNS: '150' },
    exclude: [
      'test/{bundle,examples,hover,purity,rooms,xstate}.test.ts',
      '**/{fingerprint-behaviour,real-desks}.test.ts',
    ],
  },
});
