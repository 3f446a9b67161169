import { describe, expect, test } from 'vitest';
import { run, type Example } from '../../.ci/run-examples.ts';
import { docsDir, handwrittenPages } from '../build/places.ts';
import { allSamples, typeFaultsOf } from '../build/sample-types.ts';

const samples = await allSamples();
// Those of the READMEs are run by the tests of their packages.
const ofPages = samples.filter(({ file }) => file.startsWith('docs/'));

describe.concurrent('a sample runs and prints what its comments say', () => {
  test.for(ofPages)('$file:$line', async (sample, { expect: expectHere }) => {
    const outcome = await run(sample, docsDir).then(
      () => 'runs',
      (error: Error) => error.message,
    );
    expectHere(outcome).toBe('runs');
  });
});

test('every guide has a sample, and no sample has a type error', () => {
  const withSamples = new Set(ofPages.map(({ file }) => file));
  // An assistant starts the command line; there is no program to write.
  const guides = handwrittenPages().filter(
    (page) => page.startsWith('guides/') && page !== 'guides/mcp.md',
  );
  expect(guides.filter((guide) => !withSamples.has(`docs/${guide}`))).toEqual([]);
  expect(typeFaultsOf(samples)).toEqual([]);
});

test('a type error in a sample is named with its page and line', () => {
  const sample: Example = {
    file: 'docs/made-up.md',
    line: 12,
    code: `import { ticketLifecycle } from '@ticket-lifecycle/core';
ticketLifecycle.explain('opne', 'START');`,
  };
  expect(typeFaultsOf([sample])).toEqual([
    expect.stringMatching(/^docs\/made-up\.md:13: .*"opne"/),
  ]);
});
