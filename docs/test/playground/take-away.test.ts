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

test('as TypeScript, guards answer by the facts, whatever context was pasted', async () => {
  const on = { CLOSE: { target: 'closed', guard: 'isLead' } };
  const states = { open: { on }, closed: { type: 'final' } };
  const text = JSON.stringify({ initial: 'open', context: { role: 'agent' }, states });
  const source = await exportAs('typescript', lifecycleOf(await readDefinition(text)));
  expect(source).toContain('context: { isLead: false } as Facts');
  expect((await run(source)).can('open', 'CLOSE', { isLead: true })).toBe(true);
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

const withoutWords = JSON.stringify({
  initial: 'open',
  states: {
    open: {
      on: { CLOSE: { target: 'closed', guard: 'isLead' }, GO: { target: 'open', guard: 'x' } },
    },
    closed: { on: { REOPEN: 'open' } },
  },
});

test.each([...names.map(presetText), withoutWords, withoutWords.replace('isLead', 'isDone')])(
  'as TypeScript, each line is indented by the brackets that are open: %#',
  async (text) => {
    const source = await exportAs('typescript', lifecycleOf(await readDefinition(text)));
    let depth = 0;
    const wrong: string[] = [];
    for (const line of source.split('\n').filter((one) => one !== '')) {
      const code = line.replaceAll(/'(?:[^'\\]|\\.)*'/g, '');
      const own = /^\s*[})\]]/.test(code) ? depth - 1 : depth;
      if (!line.startsWith('  '.repeat(own)) || line.startsWith(' ', 2 * own)) wrong.push(line);
      const count = (brackets: RegExp) => code.match(brackets)?.length ?? 0;
      depth += Math.sign(count(/[{([]/g) - count(/[})\]]/g));
    }
    expect(wrong).toEqual([]);
  },
);

test.each(['typescript', 'json'] as const)(
  'as %s, no letter turns the direction of the text, and the names stay',
  async (form) => {
    const letters = Array.from({ length: 0x30_00 }, (_, code) => String.fromCharCode(code));
    const turning = letters.filter((letter) => /\p{Bidi_Control}/u.test(letter));
    const state = `open${turning.join('x')}`;
    const on = { GO: { target: 'closed', guard: turning.join('y') } };
    const states = { [state]: { meta: { status: 'open' }, on }, closed: { type: 'final' } };
    const taken = lifecycleOf(await readDefinition(JSON.stringify({ initial: state, states })));
    const text = await exportAs(form, taken);
    expect(text).not.toMatch(/\p{Bidi_Control}/u);
    expect(text).toContain(String.raw`\u202e`);
    expect(lifecycleOf(await readDefinition(text)).config).toMatchObject({ initial: state });
  },
);
