import { readFileSync } from 'node:fs';
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
  esbuildPlugins: [
    {
      // Of the package's own manifest only the version is used, and the rest would be shipped.
      name: 'version-only',
      setup(build) {
        build.onLoad({ filter: /package\.json$/ }, ({ path }) => {
          const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
          return { contents: JSON.stringify({ version }), loader: 'json' };
        });
      },
    },
  ],
});
