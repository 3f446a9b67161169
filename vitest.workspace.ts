import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// The private source condition lets tests run from TypeScript, without a build.
const conditions = ['@ticket-lifecycle/source'];

const project = (name: string, root = `packages/${name}`) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name,
    root,
    include: ['test/**/*.test.{ts,tsx}'],
    // Only a test that hangs may fail for want of time: machines are shared and slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export default defineConfig({
  test: {
    // The longest files wait nearly all of their time, for timeouts, servers and databases.
    maxWorkers: 2 * availableParallelism(),
    projects: [...readdirSync('packages').map((name) => project(name)), project('docs', 'docs')],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/index.ts'],
      reporter: ['text'],
      thresholds: {
        'packages/core/src/**': { lines: 95 },
        'packages/series/src/**': { lines: 95 },
      },
    },
  },
});
