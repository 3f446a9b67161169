import type { Lifecycle } from '@ticket-lifecycle/core';
import { mkdir, writeFile } from 'node:fs/promises';
import { examplesOf } from '../../.ci/run-examples.ts';
import { docsDir } from './places.ts';

/** The `lifecycle` of a page's first sample: a diagram of it shows just what the page says. */
export async function lifecycleOfSample(page: string): Promise<Lifecycle> {
  const [sample] = await examplesOf(`${docsDir}${page}`);
  if (sample === undefined) throw new Error(`${page} has no sample.`);
  // Beside the pages, so that its imports are found; what it would print is the tests' business.
  const dir = `${docsDir}.vitepress/cache/samples/`;
  const file = `${dir}${page.replaceAll('/', '-')}.ts`;
  const code = sample.code.replaceAll('console.log(', 'void (');
  await mkdir(dir, { recursive: true });
  await writeFile(file, `${code}\nexport { lifecycle };\n`);
  const { lifecycle } = (await import(`file://${file}`)) as { lifecycle: Lifecycle };
  return lifecycle;
}
