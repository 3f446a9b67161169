import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    element: 'src/element/element.ts',
    'markdown-it': 'src/pages/markdown-it.ts',
    png: 'src/png/png.ts',
    remark: 'src/pages/remark.ts',
  },
  format: ['esm'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'node22',
});
