import { defineConfig } from 'tsup';
import { bundledLicenses } from './bundled-licenses.ts';

export default defineConfig({
  entry: ['src/bin.ts'],
  format: ['esm'],
  clean: true,
  sourcemap: true,
  target: 'node22',
  // Finding and loading a package file by file takes longer than most commands run. What is not
  // ours to tie down, or large and seldom used, stays a dependency.
  noExternal: [
    /^(?!@modelcontextprotocol\/|@ticket-lifecycle\/(sandbox|outbox)|@viz-js\/|@resvg\/|pg$)/,
  ],
  onSuccess: 'node dist/bin.js man > dist/ticket-lifecycle.1',
  esbuildPlugins: [bundledLicenses('dist/THIRD-PARTY.txt')],
  esbuildOptions(options) {
    // From its sources, so that a command loads only the parts of a package that it uses.
    options.conditions = ['@ticket-lifecycle/source', 'module'];
  },
});
