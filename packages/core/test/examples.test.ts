import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { examplesOf, run, type Example } from '../../../.ci/run-examples.ts';

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
    'src/lifecycle/define-lifecycle.ts',
    'src/errors.ts',
    'src/lifecycle/ticket-machine.ts',
  ]) {
    expect(withExamples).toContain(file);
  }
});

describe.concurrent('an example runs and prints what its comments say', () => {
  // Tests that run side by side need an expect of their own.
  test.for(examples)('$file:$line', async (example, { expect: expectHere }) => {
    expectHere(await outcomeOf(example)).toBe('runs');
  });
});

describe('an example is refused', () => {
  const refused = (code: string) => outcomeOf({ file: 'made-up.md', line: 1, code });

  test('when it prints something else than its comment says', async () => {
    expect(await refused('console.log(1 + 1); // 3')).toContain(
      'prints on its line 1:\n2\nnot:\n3',
    );
  });

  test('when it never prints what its comment says', async () => {
    expect(await refused('if (Math.PI < 3) console.log(1); // 1')).toContain('(nothing)');
  });

  test('when it throws', async () => {
    expect(await refused("throw new Error('no such ticket');")).toContain('no such ticket');
  });

  test('when it imports what is not there', async () => {
    // Node.js 22 stumbles over its own report of it.
    expect(await refused("import { nope } from '@ticket-lifecycle/core'; nope();")).toMatch(
      /nope|ERR_INVALID_URL/,
    );
  });
});

function outcomeOf(example: Example): Promise<string> {
  return run(example, packageDir).then(
    () => 'runs',
    (error: Error) => error.message,
  );
}
