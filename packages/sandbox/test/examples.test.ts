import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { examplesOf, run } from '../../../.ci/run-examples.ts';

// What one example has compiled the next one need not compile again.
process.env['NODE_COMPILE_CACHE'] = join(tmpdir(), 'ticket-lifecycle-compile-cache');

const packageDir = fileURLToPath(new URL('..', import.meta.url));
const sources = readdirSync(`${packageDir}src`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `src/${file}`);
const files = ['README.md', ...sources];
const examples = (
  await Promise.all(files.map((file) => examplesOf(`${packageDir}${file}`)))
).flatMap((list, index) => list.map((example) => ({ ...example, file: files[index] ?? '' })));

describe.concurrent('an example runs and prints what its comments say', () => {
  // Tests that run side by side need an expect of their own.
  test.for(examples)('$file:$line', async (example, { expect: expectHere }) => {
    await expectHere(run(example, packageDir)).resolves.toBeUndefined();
  });
});

test('the README and the public sources have examples', () => {
  const withExamples = new Set(examples.map(({ file }) => file));
  for (const file of [
    'README.md',
    'src/sandbox.ts',
    'src/faults/fault-schedule.ts',
    'src/conformance/run.ts',
  ]) {
    expect(withExamples).toContain(file);
  }
});
