import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// The private source condition lets tests run from TypeScript, without a build.
const conditions = ['@ticket-lifecycle/source'];

// The tests of these leave nothing behind, so files share a process, and what it has loaded. The
// others change what a process has one of: its fetch, its clock, its listeners.
const pure = ['core', 'diagram', 'internal', 'sandbox'];

const project = (name: string, root = `packages/${name}`) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name,
    root,
    include: ['test/**/*.test.{ts,tsx}'],
    // Only a test that hangs may fail for want of time: machines are shared and slow.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 60_000 } },
    isolate: !pure.includes(name),
    // Its tests start the command line, which is bundled once for all of them.
    ...(name === 'cli'
      ? { globalSetup: [`${import.meta.dirname}/${root}/test/support/bundle.ts`] }
      : {}),
  },
});

// These take longer than all others, so they begin first: one that begins last keeps the run waiting.
const longest = [
  'outbox/test/simulation/',
  'series/test/adversary/',
  'outbox/test/sql/permutations',
  'outbox/test/sql/create-',
  'outbox/test/fleet/',
  'outbox/test/memory/',
  'outbox/test/sql/network',
  'outbox/test/model/protocol',
  'cli/test/commands/after-a-run',
  'series/test/secrecy',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = longest.findIndex((part) => moduleId.includes(`/packages/${part}`));
      return at === -1 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    // The longest files wait nearly all of their time, for timeouts, servers and databases.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: LongestFirst },
    projects: [...readdirSync('packages').map((name) => project(name)), project('docs', 'docs')],
    coverage: {
      provider: 'v8',
      // Only where there is a floor: counting slows down what it counts. Seen from the root, and from
      // a project that is named.
      include: ['packages/{core,series}/src/**/*.ts', 'src/**/*.ts'],
      exclude: ['**/index.ts'],
      reporter: ['text'],
      // It is emptied as a run begins, and the gate keeps its reports beside it.
      reportsDirectory: 'coverage/lines',
      thresholds: {
        'packages/core/src/**': { lines: 95 },
        'packages/series/src/**': { lines: 95 },
      },
    },
  },
});
