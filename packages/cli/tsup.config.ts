import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/bin.ts'],
  format: ['esm'],
  clean: true,
  sourcemap: true,
  target: 'node22',
  // Finding and loading a package file by file takes longer than most commands run.
  noExternal: [
    'commander',
    '@commander-js/extra-typings',
    '@ticket-lifecycle/core',
    '@ticket-lifecycle/series',
    'csv-parse',
    'ky',
    'xstate',
    'zod',
  ],
  esbuildOptions(options) {
    // From its sources, so that a command loads only the parts of a package that it uses.
    options.conditions = ['@ticket-lifecycle/source'];
  },
});
