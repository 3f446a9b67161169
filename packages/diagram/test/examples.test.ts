import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { examplesOf, run } from '../../../.ci/run-examples.ts';

const packageDir = fileURLToPath(new URL('..', import.meta.url));
const sources = readdirSync(`${packageDir}src`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `src/${file}`);
const files = ['README.md', ...sources];
const examples = (
  await Promise.all(files.map((file) => examplesOf(`${packageDir}${file}`)))
).flatMap((list, index) => list.map((example) => ({ ...example, file: files[index] ?? '' })));

test('the README and the public sources have examples', () => {
  const withExamples = new Set(examples.map(({ file }) => file));
  for (const file of [
    'README.md',
    'src/mermaid/mermaid.ts',
    'src/dot/dot.ts',
    'src/svg/svg.ts',
    'src/markdown/markdown.ts',
    'src/png/png.ts',
    'src/pages/remark.ts',
    'src/pages/markdown-it.ts',
  ]) {
    expect(withExamples).toContain(file);
  }
});

describe.concurrent('an example runs and prints what its comments say', () => {
  // Tests that run side by side need an expect of their own.
  test.for(examples)('$file:$line', async (example, { expect: expectHere }) => {
    const outcome = await run(example, packageDir).then(
      () => 'runs',
      (error: Error) => error.message,
    );
    expectHere(outcome).toBe('runs');
  });
});
