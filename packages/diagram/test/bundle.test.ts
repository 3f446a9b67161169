import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const resolveDir = fileURLToPath(new URL('..', import.meta.url));

/** What a page loads that imports these names: at once, and when it calls them. */
async function bundle(names: string): Promise<{ atOnce: string; later: string }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export { ${names} } from '@ticket-lifecycle/diagram';`, resolveDir },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@ticket-lifecycle/source'],
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    outdir: 'out',
  });
  const textOf = (path: string) =>
    outputFiles.find((file) => file.path.endsWith(`/${path}`))?.text ?? '';
  // esbuild also writes files that nothing refers to any more: only what is referred to is loaded.
  const reach = (path: string, kinds: readonly string[], seen = new Set<string>()): Set<string> => {
    if (seen.has(path)) return seen;
    seen.add(path);
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) {
      if (kinds.includes(kind)) reach(next, kinds, seen);
    }
    return seen;
  };
  const atOnce = reach('out/stdin.js', ['import-statement']);
  const all = reach('out/stdin.js', ['import-statement', 'dynamic-import']);
  const later = [...all].filter((path) => !atOnce.has(path));
  return { atOnce: [...atOnce].map(textOf).join(''), later: later.map(textOf).join('') };
}

// The text of it would fill a failed test's report.
const holdsWasm = (text: string) => text.includes('WebAssembly');

test('who draws Mermaid and DOT and refreshes Markdown loads no WASM, now or later', async () => {
  const { atOnce, later } = await bundle('toMermaid, toDot, refreshMarkdown, checkMarkdown');
  expect(atOnce).toContain('stateDiagram-v2');
  expect(holdsWasm(atOnce)).toBe(false);
  expect(later).toBe('');
});

test('who draws an SVG loads Graphviz when it is first called', async () => {
  const { atOnce, later } = await bundle('toSvg');
  expect(holdsWasm(atOnce)).toBe(false);
  expect(holdsWasm(later)).toBe(true);
});
