import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defineConfig } from 'tsup';

const sqlRead = /readFileSync\(new URL\('(?<file>[^']+\.sql)', import\.meta\.url\), 'utf8'\)/g;

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'node22',
  esbuildPlugins: [
    {
      // The sources read their SQL from files beside them. The bundle is one file, so it holds them.
      name: 'sql-in-the-bundle',
      setup(build) {
        build.onLoad({ filter: /[\\/]src[\\/]sql[\\/].*\.ts$/ }, ({ path }) => {
          const contents = readFileSync(path, 'utf8').replaceAll(sqlRead, (_, file: string) =>
            JSON.stringify(readFileSync(join(dirname(path), file), 'utf8')),
          );
          if (contents.includes(".sql'")) throw new Error(`${path} reads SQL in another way.`);
          return { contents, loader: 'ts' };
        });
      },
    },
  ],
});
