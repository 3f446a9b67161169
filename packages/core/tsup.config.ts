import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/journal.ts', 'src/lean.ts', 'src/testing.ts', 'src/time-zone.ts'],
  format: ['esm'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'node22',
});
