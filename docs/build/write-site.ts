import { build } from 'vitepress';
import { writeCommandLine } from './command-line.ts';
import { readPages, staleDiagramsOf } from './fresh-diagrams.ts';
import { docsDir } from './places.ts';
import { writeReference } from './reference/write-reference.ts';
import { allSamples, typeFaultsOf } from './sample-types.ts';

/** Checks samples and diagrams, writes the API reference and builds the pages; rejects for any fault. */
export async function writeSite(): Promise<void> {
  const faults = typeFaultsOf(await allSamples());
  if (faults.length > 0) throw new Error(`Samples with type errors:\n${faults.join('\n')}`);
  const stale = staleDiagramsOf(readPages());
  if (stale.length > 0) throw new Error(`Stale diagrams:\n${stale.join('\n')}`);
  await Promise.all([writeReference(), writeCommandLine()]);
  await build(docsDir);
}
