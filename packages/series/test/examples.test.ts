import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { examplesOf, run } from '../../../.ci/run-examples.ts';

const packageDir = fileURLToPath(new URL('..', import.meta.url));
const sources = readdirSync(`${packageDir}src`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `src/${file}`);
const files = ['../../README.md', 'README.md', ...sources];
const examples = (
  await Promise.all(files.map((file) => examplesOf(`${packageDir}${file}`)))
).flat();

describe.concurrent('an example runs and prints what its comments say', () => {
  // Each is a process of its own, which takes its time on a busy machine.
  test.each(examples)('$file:$line', async (example) => {
    await expect(run(example, packageDir)).resolves.toBeUndefined();
  });
});

test('both READMEs have an example', () => {
  expect(examples.filter(({ file }) => file.endsWith('README.md')).length).toBeGreaterThan(1);
});
