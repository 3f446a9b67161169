import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    journal: 'src/lifecycle/journal.ts',
    lean: 'src/lifecycle/lean.ts',
    // No entry for users: apart from the rest, so that a program with a problem alone gets no more.
    problem: 'src/lifecycle/problem.ts',
    sla: 'src/sla/measure-sla.ts',
    testing: 'src/testing/index.ts',
    'time-zone': 'src/queries/time-zone.ts',
  },
  format: ['esm'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'node22',
});
