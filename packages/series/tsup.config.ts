import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    ids: 'src/ids.ts',
    limiter: 'src/limiter.ts',
    opentelemetry: 'src/integrations/opentelemetry.ts',
  },
  format: ['esm'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'node22',
});
