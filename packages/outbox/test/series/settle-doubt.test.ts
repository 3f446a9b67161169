import { defineLifecycle, ticketLifecycle } from '@ticket-lifecycle/core';
import {
  NotSentError,
  SeriesApiError,
  systemClock,
  type Ticket,
  type TicketSeen,
} from '@ticket-lifecycle/series';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { setup } from 'xstate';
import type { Change, DeliveryJob } from '../../src/index.ts';
import { settleDoubt } from '../../src/series/settle-doubt.ts';
import { change } from '../support/trial.ts';

const settleMs = 30_000;
const secondMs = 1000;
const iso = (at: number) => new Date(at).toISOString();

/** A ticket that was made a month ago and has not been changed since yesterday. */
const ticketOf = (more: Partial<Ticket> = {}): Ticket => ({
  ticketId: 'TICKET-1',
  status: 'open',
  subject: undefined,
  createdAt: '2026-01-01T00:00:00.123Z',
  updatedAt: '2026-01-02T00:00:00.000Z',
  claimedBy: null,
  claimedByUser: null,
  category: undefined,
  department: undefined,
  priority: undefined,
  author: undefined,
  messages: [],
  raw: undefined,
  response: undefined,
  clockOffset: { atLeastMs: 0, atMostMs: 0 },
  ...more,
});

interface Settling {
  readonly ticket?: Ticket;
  readonly error?: Error;
  readonly asked?: Change;
  readonly known?: DeliveryJob['known'];
  readonly sinceMs?: number;
  /** `undefined` where nobody knows. */
  readonly fromMs?: number | undefined;
  readonly attempt?: number;
  readonly signal?: AbortSignal;
  readonly lifecycle?: Parameters<typeof settleDoubt>[2]['lifecycle'];
}

async function settle({
  ticket = ticketOf(),
  error,
  asked = change('TICKET-1'),
  known,
  sinceMs = settleMs,
  attempt = 2,
  signal = new AbortController().signal,
  lifecycle = ticketLifecycle,
  ...rest
}: Settling) {
  const fromMs = 'fromMs' in rest ? rest.fromMs : sinceMs + 1000;
  const now = systemClock.now();
  let reads = 0;
  const note = () => {};
  const job = { change: asked, known, attempt, signal, note } as unknown as DeliveryJob;
  const moments = { since: now - sinceMs, from: fromMs === undefined ? undefined : now - fromMs };
  const found = await settleDoubt(job, moments, {
    lifecycle,
    settleMs,
    client: {
      async getTicket() {
        reads += 1;
        if (error !== undefined) throw error;
        return ticket;
      },
    },
  });
  return { found, reads };
}

const delayOf = async (settling: Settling) =>
  ((await settle(settling)).found as { delayMs?: number }).delayMs;

describe('what the ticket says is judged as everywhere', () => {
  const recently = systemClock.now() - 5000;
  test.each<[string, Settling, object]>([
    [
      'at the target',
      { ticket: ticketOf({ status: 'in-progress' }), sinceMs: 0 },
      { kind: 'done' },
    ],
    ['not updated since the send', {}, { kind: 'untouched', known: { state: 'open' } }],
    [
      'updated since the send',
      { ticket: ticketOf({ updatedAt: iso(recently) }) },
      { kind: 'unknown', reason: expect.stringContaining('may have been updated since') },
    ],
    [
      'without a word of when it was updated',
      { ticket: ticketOf({ updatedAt: undefined }) },
      { kind: 'unknown', reason: expect.stringContaining('does not say when it was updated') },
    ],
    [
      'in an answer that is older than another: it is read again',
      { ticket: ticketOf({ hasOldDate: true }) },
      { kind: 'read-again' },
    ],
    [
      'in such an answer for so long',
      { ticket: ticketOf({ hasOldDate: true }), sinceMs: 10 * settleMs },
      { kind: 'unknown', reason: expect.stringContaining('older than another') },
    ],
    [
      'of a request that left nobody knows when',
      { fromMs: undefined },
      { kind: 'unknown', reason: expect.stringContaining('nobody knows when') },
    ],
    [
      'never changed, of a request that left nobody knows when',
      { fromMs: undefined, ticket: ticketOf({ updatedAt: ticketOf().createdAt }) },
      { kind: 'untouched' },
    ],
    [
      'by the edge from where the change counts, which takes the place of where it was said to be',
      {
        ticket: ticketOf({ status: 'closed' }),
        asked: change('TICKET-1', 'CLOSE', { from: 'open', whileIn: 'resolved' }),
        sinceMs: 0,
      },
      { kind: 'done', state: 'closed' },
    ],
    [
      'elsewhere',
      { ticket: ticketOf({ status: 'closed' }), sinceMs: 0 },
      { kind: 'unknown', reason: expect.stringContaining('somewhere else') },
    ],
  ])('%s', async (_, settling, ending) => {
    const { found, reads } = await settle(settling);
    expect(found).toMatchObject(ending);
    expect(reads).toBe(1);
  });
});

const stillTime = () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance'] }));
  afterEach(() => void vi.useRealTimers());
};

describe('while the request may be under way', () => {
  stillTime();

  test('the ticket is read ever more seldom, and when all is quiet', async () => {
    const roughly = async (sinceMs: number) =>
      Math.round((((await delayOf({ sinceMs })) ?? 0) + 20) / 100) * 100;
    expect(await roughly(0)).toBe(1000);
    expect(await roughly(500)).toBe(1500);
    expect(await roughly(4000)).toBe(5000);
    expect(await roughly(16_000)).toBe(14_000);
    expect(await roughly(settleMs - 500)).toBe(500);
  });

  test('waiting uses up no attempt, and is never a busy loop', async () => {
    const { found } = await settle({ sinceMs: settleMs - 20 });
    expect(found).toMatchObject({ kind: 'read-again', isOutage: true });
    expect((found as { delayMs: number }).delayMs).toBeGreaterThanOrEqual(1);
  });
});

describe('where only the clock of the server is not known well enough', () => {
  stillTime();

  // Updated 40 ms after the claim, by a clock that may be ahead by more than that.
  const fromMs = settleMs + 1000;
  const clockOffset = { atLeastMs: -300, atMostMs: 100 };
  const unclear = () => ticketOf({ updatedAt: iso(systemClock.now() - fromMs + 40), clockOffset });

  test('the ticket is read as a second may begin there', async () => {
    for (let read = 0; read < 50; read += 1) {
      const delayMs = (await delayOf({ ticket: unclear(), fromMs })) ?? 0;
      // From 40 ms on, an offset is a proof: a second begins there from 40 ms to 100 ms before ours.
      const sinceEarliestMs = (systemClock.now() + delayMs + 100) % secondMs;
      expect(delayMs).toBeGreaterThan(0);
      expect(sinceEarliestMs).toBeLessThan(150);
      vi.advanceTimersByTime(37);
    }
  });

  test('for a while', async () => {
    const late = { ticket: unclear(), fromMs, sinceMs: settleMs + 46_000 };
    expect((await settle({ ...late, fromMs })).found).toMatchObject({ kind: 'unknown' });
  });

  test('ever more seldom', async () => {
    const delayAfter = async (quietForMs: number) =>
      (await delayOf({ ticket: unclear(), fromMs, sinceMs: settleMs + quietForMs })) ?? 0;
    expect(await delayAfter(5000)).toBeLessThanOrEqual(1000);
    for (const quietForMs of [20_000, 30_000, 40_000]) {
      expect(await delayAfter(quietForMs)).toBeGreaterThan(quietForMs / 10);
    }
  });

  test('what is learnt ends it', async () => {
    const known: TicketSeen['clockOffset'] = { atLeastMs: 60, atMostMs: 100 };
    const ticket = { ...unclear(), clockOffset: known };
    expect((await settle({ ticket, fromMs })).found).toMatchObject({ kind: 'untouched' });
  });
});

describe('a ticket that can not be read', () => {
  const effort = { attempts: 1, waitedMs: 0 };
  const refused = (status: number, code: SeriesApiError['code']) =>
    new SeriesApiError('Refused.', {
      ...effort,
      httpStatus: status,
      code,
      serverMessage: undefined,
      delivery: 'refused',
    } as never);

  test.each([
    ['unauthorized', 401],
    ['forbidden', 403],
    ['subscription-required', 403],
    ['module-disabled', 403],
  ] as const)(
    'for want of the key is read later, and uses up no attempt: %s',
    async (code, status) => {
      const { found, reads } = await settle({ error: refused(status, code), attempt: 9 });
      expect(found).toMatchObject({ kind: 'read-again', isOutage: true, keyFault: 'unusable' });
      expect((found as { delayMs: number }).delayMs).toBeGreaterThanOrEqual(1000);
      expect(reads).toBe(1);
      // It is what the pause of the key is shown with.
      expect(found).toMatchObject({ reason: 'Refused.' });
    },
  );

  test.each([
    ['the server fails', refused(503, 'server-error')],
    ['it is gone', refused(404, 'ticket-not-found')],
    ['there is no answer', new NotSentError('No.', { ...effort, reason: 'expired' })],
    ['this process ends', new NotSentError('Aborted.', { ...effort, reason: 'aborted' })],
  ])(
    'says that a request may have arrived, and not only that a read failed: %s',
    async (_, error) => {
      const { found } = await settle({ error });
      expect((found as { reason: string }).reason).toBe(
        `An earlier request may have arrived. ${error.message}`,
      );
    },
  );

  test('that is gone is unknown', async () => {
    const { found } = await settle({ error: refused(404, 'ticket-not-found') });
    expect(found).toMatchObject({ kind: 'unknown' });
  });

  test('as this process ends is read by another one at once', async () => {
    const error = new NotSentError('Aborted.', { ...effort, reason: 'aborted' });
    const { found } = await settle({ error, signal: AbortSignal.abort() });
    expect(found).toMatchObject({ kind: 'read-again', delayMs: 0, isOutage: true });
  });
});

describe('a step inside one status', () => {
  const lifecycle = defineLifecycle(
    setup({ types: { events: {} as { type: 'START' | 'ASK' | 'BACK' } } }).createMachine({
      initial: 'open',
      states: {
        open: { on: { START: 'working', BACK: 'working' } },
        working: { meta: { status: 'in-progress' }, on: { ASK: 'waiting' } },
        waiting: { meta: { status: 'in-progress' }, on: { BACK: 'working' } },
      },
    }),
  );

  test('sends nothing, so nothing of it is in doubt', async () => {
    const known = { state: 'working', seenAt: 0 };
    const { found, reads } = await settle({ asked: change('TICKET-1', 'ASK'), known, lifecycle });
    expect([found, reads]).toEqual([{ kind: 'untouched', known }, 0]);
    const stated = change('TICKET-1', 'BACK', { from: 'waiting' });
    expect((await settle({ asked: stated, lifecycle })).reads).toBe(0);
  });

  test('is no reason to think so of an event that can also be sent', async () => {
    const known = { state: 'waiting', seenAt: 0 };
    const asked = change('TICKET-1', 'BACK');
    const { found, reads } = await settle({ asked, known, lifecycle, sinceMs: 0 });
    expect([found.kind, reads]).toEqual(['read-again', 1]);
  });
});

describe('an event that leads to several states of one status', () => {
  const lifecycle = defineLifecycle(
    {
      initial: 'open',
      states: {
        open: {
          on: {
            TAKE: [{ target: 'urgent', guard: 'isUrgent' }, { target: 'normal' }],
            END: [{ target: 'closed', guard: 'isUrgent' }, { target: 'resolved' }],
          },
        },
        urgent: { meta: { status: 'in-progress' }, on: { END: 'closed' } },
        normal: { meta: { status: 'in-progress', default: true }, on: { END: 'resolved' } },
        resolved: { on: { BACK: 'urgent' } },
        closed: { on: { BACK: 'normal' } },
      },
    },
    {
      guards: {
        isUrgent({ context }) {
          const { urgent } = context as { urgent?: boolean };
          if (urgent === undefined) throw new Error('urgent?');
          return urgent;
        },
      },
    },
  );
  const open = { state: 'open', seenAt: 0 };
  const settled = (event: string, status: Ticket['status'], more: Settling & Partial<Change>) => {
    const { from, context, ...rest } = more;
    const asked = change('TICKET-1', event, { from, context });
    return settle({ ticket: ticketOf({ status }), asked, lifecycle, ...rest });
  };

  test.each([
    ['that it was said to be in', { from: 'open', context: { urgent: false } }, 'normal'],
    ['that is remembered', { known: open, context: { urgent: true } }, 'urgent'],
  ])('is done in the one that the guards choose from the state %s', async (_, more, state) => {
    const { found } = await settled('TAKE', 'in-progress', more);
    expect(found).toMatchObject({ kind: 'done', state });
    expect(found).not.toHaveProperty('assumed');
  });

  test.each([
    ['a guard that throws', 'TAKE', { from: 'open', context: {} }],
    ['a state that nobody knows', 'BACK', {}],
  ])('says which one it has assumed, for %s', async (_, event, more) => {
    const { found } = await settled(event, 'in-progress', more);
    expect(found).toMatchObject({ kind: 'done', state: 'normal', assumed: true });
  });

  test('has not arrived where its guards would not have led', async () => {
    const { found } = await settled('END', 'closed', { from: 'open', context: { urgent: false } });
    expect(found).toMatchObject({ kind: 'unknown' });
  });
});
