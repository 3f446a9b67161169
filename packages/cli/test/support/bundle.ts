import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { TestProject } from 'vitest/node';

const root = join(import.meta.dirname, '../..');

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the bundled command line is. */
    bin: string;
    /** Where its program is, which `bin` starts. */
    program: string;
  }
}

/**
 * Bundles the command line from its sources, once for all tests: to strip the types of every file
 * in every run would take half of their time. Beside it lies what Node.js has compiled of it.
 */
export default function bundle(project: TestProject): () => void {
  // Below node_modules, so that what stays outside of the bundle is found.
  const folder = join(root, 'node_modules/.cache', `ticket-lifecycle-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(root, 'demo'), join(folder, 'demo'));
  buildSync({
    entryPoints: [join(root, 'src/bin.ts'), join(root, 'src/program.ts')],
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
  project.provide('bin', join(folder, 'bin/bin.mjs'));
  project.provide('program', join(folder, 'bin/program.mjs'));
  return () => rmSync(folder, { recursive: true, force: true });
}
