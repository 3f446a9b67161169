import { defineLifecycle } from '@ticket-lifecycle/core';
import type { FaultKind } from '@ticket-lifecycle/sandbox';
import { expect, test } from 'vitest';
import type { PageLifecycle } from '../../playground/definition.ts';
import { openDesk, sayHowItEnded, sayWhatDiffers, sayWhatItMet } from '../../playground/desk.ts';

const lifecycle = defineLifecycle({
  initial: 'open',
  states: {
    open: { on: { START: 'in-progress', WAIT: 'waiting' } },
    waiting: { meta: { status: 'open' }, on: { CONTINUE: 'open' } },
    'in-progress': { on: { ORDER: 'ordered', RESOLVE: 'resolved' } },
    ordered: { meta: { status: 'in-progress' }, on: { ARRIVE: 'in-progress' } },
    resolved: { on: { REOPEN: 'open' } },
  },
}) as unknown as PageLifecycle;

interface Case {
  readonly event: string;
  readonly fault?: FaultKind;
  readonly verify?: boolean;
}

async function made({ event, fault, verify = false }: Case) {
  const desk = openDesk(lifecycle, 'open', () => undefined);
  const change = { from: 'open', context: {}, reads: true };
  const outcome = await desk.apply(event, { ...change, fault, verify });
  const writes = desk.requests().filter(({ method }) => method === 'POST').length;
  return { kind: outcome.kind, words: sayHowItEnded(outcome), writes };
}

test.each([
  [{ event: 'START' }, 'confirmed', 1, 'It arrived; the server said so.'],
  [{ event: 'START', verify: true }, 'confirmed', 1, 'It arrived; '],
  [
    { event: 'START', fault: 'reset-after-applying' },
    'confirmed',
    1,
    'It arrived; a read of the ticket showed it.',
  ],
  [{ event: 'WAIT' }, 'confirmed', 0, 'Both states have the same status, so no change was sent.'],
  [{ event: 'RESOLVE' }, 'blocked', 0, 'No change was sent.'],
] satisfies [Case, string, number, string][])(
  'what the page says of %o is what happened',
  async (asked, kind, writes, words) => {
    const ended = await made(asked);
    expect(ended).toMatchObject({ kind, writes });
    expect(ended.words).toContain(words);
    if (!('fault' in asked)) expect(ended.words).not.toContain('lost');
  },
);

test('a record that a person takes over counts, also against a change that the server confirmed', async () => {
  const desk = openDesk(lifecycle, 'open', () => undefined);
  const change = { from: 'open', context: {}, reads: true, verify: false };
  await desk.apply('START', { ...change, fault: 'changed-nothing' });
  desk.forget();
  const outcome = await desk.apply('START', { ...change, fault: undefined });
  expect(outcome.kind).toBe('confirmed');
});

test.each([
  [undefined, '200: accepted, changed the ticket'],
  ['changed-nothing', '200: accepted, changed nothing'],
  ['lost-after-applying', 'no answer: accepted, changed the ticket'],
  ['lost-before-applying', 'no answer: the fault came before the checks, changed nothing'],
  ['429-with-seconds', '429: the fault came before the checks, changed nothing'],
  ['503-after-applying', '503: accepted, changed the ticket'],
] satisfies [FaultKind | undefined, string][])(
  'the page says what a write met under the fault %s',
  async (fault, words) => {
    const desk = openDesk(lifecycle, 'open', () => undefined);
    const change = { from: 'open', context: {}, reads: true, verify: false };
    await desk.apply('START', { ...change, fault });
    const [read, write] = desk.requests().map(sayWhatItMet);
    expect([read, write]).toEqual(['200: accepted', words]);
  },
);

test('the page says who moved a ticket only where it knows', async () => {
  const desk = openDesk(lifecycle, 'open', () => undefined);
  const change = { context: {}, reads: false, verify: false };
  const told = (at: string) => {
    const status = desk.sandbox.tickets.get('TICKET-1')?.status ?? '';
    const isByOthers = desk.isMovedByOthers(0);
    return sayWhatDiffers(lifecycle, { at, status, isByOthers });
  };
  await desk.apply('START', { ...change, from: 'open', fault: 'changed-nothing' });
  expect(told('in-progress')).toBe(
    'Our record is in-progress, and Series has open. Nobody else moved the ticket.',
  );
  await desk.apply('START', { ...change, from: 'open', fault: undefined });
  expect(desk.isMovedByOthers(0)).toBe(false);
  desk.interfere('resolved');
  expect(told('in-progress')).toBe('Somebody else moved the ticket: edge (RESOLVE).');
  expect(told('ordered')).toBe('Somebody else moved the ticket: path (ARRIVE, RESOLVE).');
  expect(desk.isMovedByOthers(desk.sandbox.systemMessages.length)).toBe(false);
});
