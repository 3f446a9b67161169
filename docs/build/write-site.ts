import { build } from 'vitepress';
import { writeApi } from './api.ts';
import { docsDir } from './places.ts';
import { allSamples, typeFaultsOf } from './sample-types.ts';

/** Checks the samples, writes the API reference and builds the pages; rejects for any fault. */
export async function writeSite(): Promise<void> {
  const faults = typeFaultsOf(await allSamples());
  if (faults.length > 0) throw new Error(`Samples with type errors:\n${faults.join('\n')}`);
  await writeApi();
  await build(docsDir);
}
