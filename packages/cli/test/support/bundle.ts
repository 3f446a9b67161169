import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/**
 * Bundles the command line from its sources, for as long as this process lives: to strip the types
 * of every file in every run would take half of the time of the tests.
 */
export function bundle(): string {
  // Below node_modules, so that what stays outside of the bundle is found.
  const folder = join(root, 'node_modules/.cache', `ticket-lifecycle-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(root, 'demo'), join(folder, 'demo'));
  buildSync({
    entryPoints: [join(root, 'src/bin.ts')],
    outdir: join(folder, 'bin'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    // What a server may take for a request, cut short: a run that is resumed waits for that.
    alias: {
      '@ticket-lifecycle/internal/settle-time': join(import.meta.dirname, 'settle-time.ts'),
    },
    conditions: ['@ticket-lifecycle/source', 'module'],
    external: ['@modelcontextprotocol/sdk', '@resvg/resvg-js', '@ticket-lifecycle/outbox', 'pg'],
  });
  return join(folder, 'bin/bin.mjs');
}
