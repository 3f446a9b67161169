import { defineConfig } from 'vitest/config';

// For what needs the built site; the samples are tested with the packages.
export default defineConfig({
  test: {
    name: 'site',
    include: ['test/site/*.site.ts'],
    globalSetup: ['test/site/serve.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The one file waits for a limit of 25 a second most of the time, the other one calculates.
    maxWorkers: 2,
  },
});
