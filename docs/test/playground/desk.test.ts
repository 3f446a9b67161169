import { defineLifecycle } from '@ticket-lifecycle/core';
import type { FaultKind } from '@ticket-lifecycle/sandbox';
import { expect, test } from 'vitest';
import type { PageLifecycle } from '../../playground/definition.ts';
import { openDesk, sayHowItEnded } from '../../playground/desk.ts';

const lifecycle = defineLifecycle({
  initial: 'open',
  states: {
    open: { on: { START: 'in-progress', WAIT: 'waiting' } },
    waiting: { meta: { status: 'open' }, on: { CONTINUE: 'open' } },
    'in-progress': { on: { RESOLVE: 'resolved' } },
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
  const outcome = await desk.apply(event, {
    from: 'open',
    context: {},
    fault,
    reads: true,
    verify,
  });
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
  [{ event: 'WAIT' }, 'confirmed', 0, 'Both states have the same status, so nothing was sent.'],
  [{ event: 'RESOLVE' }, 'blocked', 0, 'Nothing was sent.'],
] satisfies [Case, string, number, string][])(
  'what the page says of %o is what happened',
  async (asked, kind, writes, words) => {
    const ended = await made(asked);
    expect(ended).toMatchObject({ kind, writes });
    expect(ended.words).toContain(words);
    if (!('fault' in asked)) expect(ended.words).not.toContain('lost');
  },
);
