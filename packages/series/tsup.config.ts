import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    client: 'src/client.ts',
    ids: 'src/ids.ts',
    limiter: 'src/limiter.ts',
    opentelemetry: 'src/integrations/opentelemetry.ts',
    postgres: 'src/stores/postgres-status-store.ts',
    sqlite: 'src/stores/sqlite-status-store.ts',
    testing: 'src/stores/store-cases.ts',
  },
  format: ['esm'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'node22',
});
