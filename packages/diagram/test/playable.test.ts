import { defineLifecycle, LifecycleDefinitionError, type Lifecycle } from '@ticket-lifecycle/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toSvg } from '../src/index.ts';
import { verdictIn } from '../src/picture/verdict-table.ts';
import { guarded } from './support/lifecycles.ts';
import { toldBeside } from './support/told-beside.ts';
import { drawn } from './support/random-lifecycle.ts';
import { tableIn } from './support/verdict-tables.ts';

const runs = Number(process.env['LIFECYCLE_FUZZ_RUNS'] ?? 100);

/** What core says of each event in a state, in the words of a table. */
function fromCore(lifecycle: Lifecycle, state: string, label: string, context: unknown) {
  const enabled = lifecycle.enabled(state, context);
  const verdicts = lifecycle.events.map(
    (event) =>
      enabled.find((one) => one.event === event) ?? lifecycle.explain(state, event, context),
  );
  const told = toldBeside(verdicts, label);
  return verdicts.map((verdict, index) => (verdict.allowed ? verdict.to : (told[index] ?? [])));
}

test('a playable SVG holds the verdicts of core, whatever the names', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async ({ lifecycle, options }) => {
      const { context } = options as { context?: unknown };
      const table = tableIn(await toSvg(lifecycle, { ...(options as object), playable: true }));
      if (typeof table === 'string') throw new Error(table);
      expect(table.events).toEqual(lifecycle.events);
      expect(table.states[table.initial]?.name).toBe(lifecycle.initial);
      for (const [at, state] of lifecycle.states.entries()) {
        let expected: ReturnType<typeof fromCore>;
        try {
          expected = fromCore(lifecycle, state, table.states[at]?.label ?? '', context);
        } catch (error) {
          // A guard that can't be asked by the event's name alone.
          if (LifecycleDefinitionError.is(error)) continue;
          throw error;
        }
        const found = lifecycle.events.map((_, event) => {
          const verdict = verdictIn(table, at, event);
          return verdict.allowed ? verdict.to.name : verdict.reasons;
        });
        // One sentence, or one for each blocker.
        const joined = (list: readonly (string | readonly string[])[]) =>
          list.map((one) => (typeof one === 'string' ? one : one.join(' ')));
        expect(joined(found)).toEqual(joined(expected));
      }
    }),
    { numRuns: runs },
  );
});

test('sixty states with two hundred edges take a few kilobytes', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `state-${index}`);
  const lifecycle = defineLifecycle({
    initial: 'state-0',
    states: Object.fromEntries(
      names.map((name, index) => [
        name,
        {
          meta: { status: 'open' },
          on: Object.fromEntries(
            [1, 2, 7].map((step) => [
              `GO_${(index * step) % 40}_${step}`,
              names[(index + step) % 60],
            ]),
          ),
        },
      ]),
    ),
  });
  const playable = await toSvg(lifecycle, { playable: true });
  const plain = await toSvg(lifecycle);
  expect(playable.length - plain.length).toBeLessThan(40_000);
});

test('guards are asked with the context of the drawing', async () => {
  const at = (context: object) =>
    toSvg(guarded, { playable: true, context: context as never }).then(tableIn);
  const closes = async (context: object) => {
    const table = await at(context);
    if (typeof table === 'string') throw new Error(table);
    return verdictIn(table, 0, table.events.indexOf('CLOSE')).allowed;
  };
  expect(await closes({ role: 'lead', answered: true })).toBe(true);
  expect(await closes({ role: 'agent', answered: true })).toBe(false);
});

test('a reason names a state by the label that the picture shows', async () => {
  const lifecycle = defineLifecycle({
    initial: 'waiting',
    states: {
      waiting: {
        meta: { status: 'open', label: 'Waiting on customer' },
        on: { CLOSE: 'closed' },
      },
      closed: { on: { REOPEN: 'waiting' } },
    },
  });
  const table = tableIn(await toSvg(lifecycle, { playable: true }));
  if (typeof table === 'string') throw new Error(table);
  expect(verdictIn(table, table.initial, table.events.indexOf('REOPEN'))).toMatchObject({
    reasons: ['REOPEN is not possible in state "Waiting on customer". Possible events: CLOSE.'],
  });
});

test('no reason calls an event possible that is blocked itself', async () => {
  const table = tableIn(await toSvg(guarded, { playable: true }));
  if (typeof table === 'string') throw new Error(table);
  const reasonsIn = (state: string, event: string) => {
    const verdict = verdictIn(
      table,
      table.states.findIndex(({ name }) => name === state),
      table.events.indexOf(event),
    );
    return verdict.allowed ? [] : verdict.reasons;
  };
  expect(reasonsIn('open', 'CLOSE')).not.toEqual([]);
  expect(reasonsIn('open', 'ANSWER')).toEqual([
    'ANSWER is not possible in state "open". Possible events: WAIT, DROP.',
  ]);
});
