import { cp, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SiteConfig } from 'vitepress';

const entry = 'mermaid.esm.min.mjs';
const chunks = join('chunks', 'mermaid.esm.min');

/**
 * Puts Mermaid beside the pages, as its package has it: a bundler would work on two hundred files of
 * which a page loads those of one kind of diagram.
 */
export async function copyMermaid({ outDir }: SiteConfig): Promise<void> {
  const from = dirname(fileURLToPath(import.meta.resolve(`mermaid/dist/${entry}`)));
  const to = join(outDir, 'mermaid');
  await mkdir(join(to, chunks), { recursive: true });
  const modules = (await readdir(join(from, chunks))).filter((name) => name.endsWith('.mjs'));
  const files = [entry, ...modules.map((name) => join(chunks, name))];
  await Promise.all(files.map((file) => cp(join(from, file), join(to, file))));
}
