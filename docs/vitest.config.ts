import { defineConfig } from 'vitest/config';

// For what needs the built site; the samples are tested with the packages.
export default defineConfig(({ mode }) => ({
  test: {
    name: 'site',
    // `--mode whole` looks at every page of the reference; it takes minutes.
    include: [mode === 'whole' ? 'test/site/*.whole.ts' : 'test/site/*.site.ts'],
    globalSetup: ['test/site/serve.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 60_000 } },
    // The one file waits for a limit of 25 a second most of the time, the other one calculates.
    maxWorkers: 2,
  },
}));
