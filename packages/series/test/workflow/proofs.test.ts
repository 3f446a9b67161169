import { describe, expect, test } from 'vitest';
import { OneTicket } from '../support/one-ticket.ts';

const by = { staffUserId: 7 };
const stated = { ...by, from: 'open' };

/** Applies the first write, undoes it as an automation would, and loses the answer. */
function undoFirst(ticket: OneTicket): void {
  ticket.onWrite = ({ count, apply, lose, succeed }) => {
    if (count > 1) return succeed();
    apply();
    ticket.set('open');
    return lose();
  };
}

const iso = (at: number) => new Date(at).toISOString();

describe('a change that was undone is never taken for one that was not made', () => {
  test.each([
    ['in whole seconds, written with .000', (at: number) => iso(at).replace(/\.\d+/, '.000')],
    ['in tenths of a second', (at: number) => iso(at).replace(/\.(\d)\d\d/, '.$1')],
    ['in whole seconds', (at: number) => iso(at).replace(/\.\d+/, '')],
    ['in whole minutes, written with :00', (at: number) => `${iso(at).slice(0, 16)}:00Z`],
    ['in whole minutes, written with :00.000', (at: number) => `${iso(at).slice(0, 16)}:00.000Z`],
    ['in tens of seconds, written with 0', (at: number) => `${iso(at).slice(0, 18)}0Z`],
    ['in whole minutes', (at: number) => `${iso(at).slice(0, 16)}Z`],
    ['as a date', (at: number) => iso(at).slice(0, 10)],
    ['without a zone', (at: number) => iso(at).replace('Z', '')],
    ['without a zone, as SQL does', (at: number) => iso(at).replace('T', ' ').slice(0, 19)],
    ['by another clock than its date', (at: number) => iso(at), 5000],
    ['by a clock a day behind its date', (at: number) => iso(at), 86_400_000],
  ])('where the server writes times %s', async (_, writeTime, dateAheadMs = 0) => {
    const zone = process.env['TZ'];
    // East of Greenwich our own local time is ahead.
    process.env['TZ'] = 'Asia/Tokyo';
    try {
      for (const asked of [by, stated]) {
        const ticket = new OneTicket();
        ticket.writeTime = writeTime;
        ticket.createdAt = writeTime(ticket.clock.now() - 86_400_000);
        ticket.updatedAt = writeTime(ticket.clock.now());
        const date = () => new Date(ticket.clock.now() + dateAheadMs).toUTCString();
        ticket.onRead = ({ show }) => show({}, { date: date() });
        undoFirst(ticket);
        const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', asked));
        expect(outcome.kind).toBe('unknown');
        expect(ticket.applied).toEqual(['in-progress']);
      }
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });
});

describe('a change is sent again only after an answer that was written after the quiet moment', () => {
  test.each([1000, 4000, 7000, 9500])('where each read takes %i ms', async (takesMs) => {
    for (const lateMs of [5000, 15_000, 25_000, 29_900]) {
      const ticket = new OneTicket();
      ticket.onWrite = ({ count, apply, lose, succeed }) => {
        if (count > 1) return succeed();
        ticket.clock.setTimeout(apply, lateMs);
        return lose();
      };
      ticket.onRead = async ({ show }) => {
        const answer = show();
        await ticket.clock.sleep(takesMs);
        return answer;
      };
      const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', stated));
      expect(outcome).toMatchObject({ kind: 'confirmed', by: 'observation' });
      expect(ticket.applied).toEqual(['in-progress']);
    }
  });

  test.each([
    ['names no age', {}],
    ['says X-Cache: HIT', { 'x-cache': 'HIT from edge-7' }],
    ['says X-Cache: TCP_MEM_HIT', { 'x-cache': 'TCP_MEM_HIT' }],
    ['says X-Cache-Status: STALE', { 'x-cache-status': 'STALE' }],
    ['says Cache-Status: hit', { 'cache-status': '"edge"; hit; ttl=30' }],
    ['says CF-Cache-Status: UPDATING', { 'cf-cache-status': 'UPDATING' }],
    ['bears an age', { age: '31' }],
  ])('where a cache repeats its first answer and %s', async (_, headers) => {
    for (const asked of [by, stated]) {
      const ticket = new OneTicket();
      ticket.onWrite = ({ count, apply, lose, succeed }) => {
        if (count > 1) return succeed();
        // Late, so that also a first answer from after the send shows the old status.
        ticket.clock.setTimeout(apply, 3000);
        return lose();
      };
      let first: Response | undefined;
      ticket.onRead = ({ show, count }) => {
        first ??= show();
        if (count === 1) return first.clone();
        return new Response(first.clone().body, {
          headers: { ...Object.fromEntries(first.headers), ...headers },
        });
      };
      const outcome = await ticket.clock.run(ticket.workflow().apply('T-1', 'START', asked));
      expect(outcome.kind).toBe('unknown');
      expect(ticket.applied).toEqual(['in-progress']);
    }
  });
});

test.each([1700, 4500])(
  'an answer that a cache repeats for seconds proves nothing, though it was written %i ms ago',
  async (agoMs) => {
    for (const asked of [by, stated]) {
      const ticket = new OneTicket();
      const { clock } = ticket;
      let cached: Response | undefined;
      let quietAt = Number.NaN;
      ticket.onWrite = ({ count, apply, lose, succeed }) => {
        if (count > 1) return succeed();
        quietAt = clock.now() + 30_000;
        clock.setTimeout(() => {
          // It is carried out right after a cache has read the ticket.
          ticket.onRead = ({ show }) => (cached ??= show()).clone();
          void ticket.fetch('https://api.series.hr/tickets/get/T-1').then(apply);
        }, 30_000 - agoMs);
        clock.setTimeout(() => {
          ticket.onRead = ({ show }) => show();
        }, 40_000);
        return lose();
      };
      const outcome = await clock.run(ticket.workflow().apply('T-1', 'START', asked));
      expect(outcome).toMatchObject({ kind: 'confirmed', by: 'observation' });
      expect(clock.now()).toBeGreaterThan(quietAt);
      expect(ticket.applied).toEqual(['in-progress']);
    }
  },
);

describe('a change waits for one in doubt of its ticket, whatever its answer was', () => {
  const internalError = { success: false, error: { code: 500, message: 'Internal error' } };
  test.each([
    ['500 as documented', 500, internalError],
    ['503 as documented', 503, { success: false, error: { code: 503, message: 'Busy' } }],
    ['200 that says no', 200, internalError],
    ['200 for another status', 200, { success: true, data: { message: 'Status changed to open' } }],
  ])('%s', async (_, status, body) => {
    const ticket = new OneTicket('in-progress');
    ticket.onWrite = ({ count, to, apply, say, succeed }) => {
      if (count > 1) return succeed();
      // A colleague does the same, and ours is applied late.
      ticket.set(to);
      ticket.clock.setTimeout(apply, 3000);
      return say(status, body);
    };
    const workflow = ticket.workflow();
    const both = [workflow.apply('T-1', 'RESOLVE', by), workflow.apply('T-1', 'CLOSE', by)];
    const outcomes = await ticket.clock.run(Promise.all(both));
    await ticket.clock.advance(10_000);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['confirmed', 'confirmed']);
    expect(ticket.applied).toEqual(['resolved', 'closed']);
  });

  test('a success that verifying could not see, and that comes later', async () => {
    const ticket = new OneTicket();
    ticket.onWrite = ({ to, apply, say }) => {
      ticket.clock.setTimeout(apply, 5000);
      return say(200, { success: true, data: { message: `Status changed to ${to}` } });
    };
    const workflow = ticket.workflow({ verify: true });
    const first = await ticket.clock.run(workflow.apply('T-1', 'START', by));
    const second = await ticket.clock.run(workflow.apply('T-1', 'START', by));
    await ticket.clock.advance(10_000);
    expect([first.kind, second.kind]).toEqual(['unknown', 'unchanged']);
    expect(ticket.applied).toEqual(['in-progress']);
  });
});

test.each([Number.NaN, '2026-03-01T12:00:10Z', new Date(), null])(
  'settling refuses a time of sending that is no number: %s',
  async (sentAt) => {
    const settling = new OneTicket()
      .workflow()
      .settle('T-1', 'START', { sentAt: sentAt as number });
    await expect(settling).rejects.toThrow('option "sentAt" must be milliseconds since the epoch');
  },
);
