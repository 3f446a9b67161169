import { defineConfig } from 'vitest/config';

// What mutants are hunted with: the tests that run in this process. Those that start programs
// would load the sources as they are.
const conditions = ['@ticket-lifecycle/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/{bundle,examples,purity,readme}.test.ts'],
  },
});
