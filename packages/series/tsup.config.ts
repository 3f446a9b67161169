import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/ids.ts', 'src/opentelemetry.ts'],
  format: ['esm'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'node22',
});
