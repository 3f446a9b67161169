import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Lifecycle } from '@ticket-lifecycle/core';
import { expect, onTestFinished, test } from 'vitest';
import { readDefinition, type Reading } from '../../playground/definition.ts';
import { presetText, presets, type PresetName } from '../../playground/presets.ts';
import { exportAs, type Taken } from '../../playground/take-away.ts';

function lifecycleOf(reading: Reading): Taken {
  if (reading.kind !== 'lifecycle') throw new Error(JSON.stringify(reading.faults));
  return reading;
}
const names = Object.keys(presets) as PresetName[];
// Inside the project, so that the module finds the packages that it imports.
const folder = new URL('../../../node_modules/', import.meta.url).pathname;

/** Runs a module of TypeScript, as somebody would who has saved it. */
async function run(source: string): Promise<Lifecycle> {
  const own = await mkdtemp(`${folder}.taken-`);
  onTestFinished(() => rm(own, { recursive: true }));
  await writeFile(`${own}/lifecycle.ts`, source);
  const module: { lifecycle: Lifecycle } = await import(/* @vite-ignore */ `${own}/lifecycle.ts`);
  return module.lifecycle;
}

test.each<readonly [string, string]>([
  ...names.map((name) => [name, presetText(name)] as const),
  [
    'odd names',
    JSON.stringify({
      initial: 'it\'s "new"\n',
      states: {
        'it\'s "new"\n': {
          meta: { status: 'open' },
          on: { 'GO ON': { target: 'ü', guard: 'is it?' } },
        },
        ü: { type: 'final', meta: { status: 'closed', n: -1, list: [1, 'two', null, true] } },
      },
    }),
  ],
])('as TypeScript, %s is the same lifecycle', async (_, text) => {
  const taken = lifecycleOf(await readDefinition(text));
  const lifecycle = await run(await exportAs('typescript', taken));
  expect(lifecycle.edges).toEqual(taken.lifecycle.edges);
  expect(lifecycle.fingerprint).toBe(taken.lifecycle.fingerprint);
});

test('as TypeScript and as JSON, it can be pasted again', async () => {
  const taken = lifecycleOf(await readDefinition(presetText('serviceDesk')));
  for (const form of ['typescript', 'json'] as const) {
    const again = lifecycleOf(await readDefinition(await exportAs(form, taken)));
    expect(again.config).toEqual(taken.config);
  }
});

test('as a block for a README, it is fresh', async () => {
  const { checkMarkdown } = await import('@ticket-lifecycle/diagram');
  const taken = lifecycleOf(await readDefinition(presetText('ticket')));
  const text = await exportAs('readme', taken);
  expect(checkMarkdown(text, taken.lifecycle)).toMatchObject([{ isFresh: true }]);
});
