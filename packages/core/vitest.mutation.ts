import { defineConfig } from 'vitest/config';

// What mutants are hunted with: the tests of this process that answer quickly. Those that start
// programs would load the sources as they are, and those that try thousands of machines try fewer.
const conditions = ['@ticket-lifecycle/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A file starts in the process of the last one: a mutant costs half a second instead of many.
    isolate: false,
    setupFiles: ['test/support/fixed-seed.ts'],
    include: ['test/**/*.test.ts'],
    env: { LIFECYCLE_FUZZ_RUNS: '150' },
    exclude: [
      'test/{bundle,examples,hover,purity,rooms,xstate}.test.ts',
      '**/{fingerprint-behaviour,real-desks}.test.ts',
    ],
  },
});
