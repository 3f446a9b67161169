import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/bin.ts'],
  format: ['esm'],
  clean: true,
  sourcemap: true,
  target: 'node22',
  // Finding and loading a package takes longer than the help that it prints.
  noExternal: ['commander', '@commander-js/extra-typings'],
});
