import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    bin: 'src/bin.ts',
    conformance: 'src/conformance/index.ts',
    // Has a name of its own, so that a bundler for browsers can leave it out.
    'http/http-server': 'src/http/http-server.ts',
  },
  format: ['esm'],
  dts: { entry: { index: 'src/index.ts', conformance: 'src/conformance/index.ts' } },
  clean: true,
  sourcemap: true,
  target: 'node22',
});
