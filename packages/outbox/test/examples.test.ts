import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { examplesOf, run } from '../../../.ci/run-examples.ts';

const packageDir = fileURLToPath(new URL('..', import.meta.url));
const sources = readdirSync(`${packageDir}src`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `src/${file}`);
const examples = (
  await Promise.all(['README.md', ...sources].map((file) => examplesOf(`${packageDir}${file}`)))
).flat();

// One after another: some start a database.
describe('an example runs and prints what its comments say', () => {
  test.each(examples)('$file:$line', async (example) => {
    await expect(run(example, packageDir)).resolves.toBeUndefined();
  });
});

test('there are examples to run', () => {
  expect(examples.length).toBeGreaterThan(4);
});
