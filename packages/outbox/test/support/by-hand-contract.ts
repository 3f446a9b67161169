import { afterEach, describe, expect, test } from 'vitest';
import type { DeliveryJob, Ending, Outbox, OutboxOptions, WaitingChange } from '../../src/index.ts';
import { change, delivering, ended, trialOf, type Trial } from './trial.ts';

/** What every backend guarantees to a person who looks at changes and decides about them. */
export function byHandContract<Tx>(
  backend: string,
  open: (options: OutboxOptions) => Promise<Outbox<Tx>>,
): void {
  describe(`a person at an outbox ${backend}`, () => {
    const outboxes: Outbox<Tx>[] = [];
    const start = async (options: OutboxOptions = {}): Promise<Trial<Tx>> => {
      const trial = await trialOf((onEvent) => open({ onEvent, ...options }));
      outboxes.push(trial.outbox);
      return trial;
    };
    afterEach(async () => {
      for (const outbox of outboxes.splice(0)) await outbox.close();
    });
    const nobody = '00000000-0000-4000-8000-000000000000';

    test('redrives all that fit at once, and no others', async () => {
      const { outbox, until } = await start();
      const ends: readonly (readonly [key: string, ending: Ending])[] = [
        ['north', { kind: 'dead', reason: 'The module is disabled.' }],
        ['north', { kind: 'dead', reason: 'No such event.' }],
        ['north', { kind: 'unknown', reason: 'The module is disabled, perhaps.' }],
        ['south', { kind: 'dead', reason: 'The module is disabled.' }],
      ];
      for (const [at, [key]] of ends.entries()) {
        await outbox.accept(change(`TICKET-${at}`, 'START', { key }));
      }
      let isMended = false;
      await outbox.run(
        delivering(({ change: { ticketId } }) => {
          if (isMended) return { kind: 'done' };
          return ends[Number(ticketId.slice(7))]?.[1] ?? { kind: 'done' };
        }),
      );
      await until(ended(), 4);
      isMended = true;
      expect(await outbox.redriveMany({ key: 'west' })).toBe(0);
      expect(await outbox.redriveMany({ key: 'north', kind: 'dead', reason: 'module' })).toBe(1);
      await until(ended('done'), 1);
      expect(await outbox.redriveMany({ reason: 'disabled' })).toBe(2);
      await until(ended('done'), 3);
      expect(await outbox.inspect.dead()).toMatchObject([{ reason: 'No such event.' }]);
      expect(await outbox.redriveMany({})).toBe(1);
      await until(ended('done'), 4);
      await expect(outbox.redriveMany({ reasons: 'x' } as never)).rejects.toThrow(
        'unknown option "reasons"',
      );
      await expect(outbox.redriveMany({ kind: 'done' as never })).rejects.toThrow('"kind"');
    });

    test('takes a change from a delivery that hangs, and it is tried again in doubt', async () => {
      const { outbox, events, until } = await start();
      const jobs: DeliveryJob[] = [];
      const hangs = Promise.withResolvers<Ending>();
      const begun = Promise.withResolvers<void>();
      const id = await outbox.accept(change('TICKET-1'));
      expect(await outbox.giveBack(id)).toBe(false);
      await outbox.run(async (job) => {
        jobs.push(job);
        begun.resolve();
        return jobs.length === 1 ? hangs.promise : { kind: 'done' };
      });
      await begun.promise;
      expect((await outbox.inspect.depth()).oldestUnderWayMs).toBeGreaterThanOrEqual(0);
      expect(await outbox.giveBack(id)).toBe(true);
      expect(await outbox.giveBack(id)).toBe(false);
      await until(ended('done'));
      expect(jobs.map(({ doubt }) => doubt !== undefined)).toEqual([false, true]);
      // Whoever still had it sends nothing more, and its end does not count.
      await expect(jobs[0]?.ensureHeld()).rejects.toThrow();
      hangs.resolve({ kind: 'dead', reason: 'too late' });
      await until(({ type }) => type === 'fenced');
      expect(events.filter(ended('dead'))).toEqual([]);
      expect(await outbox.inspect.change(id)).toMatchObject({ kind: 'done' });
    });

    const whatOf = async (outbox: Outbox<Tx>, id: string) => {
      const found = await outbox.inspect.why(id);
      return {
        what: found?.evidence.map(({ what }) => what),
        steps: found?.steps.map(({ step }) => step),
        found,
      };
    };

    test('asks why, and is told what happened in order, and which step is safe', async () => {
      const { outbox, until } = await start();
      const id = await outbox.accept(change('TICKET-1'));
      const behind = await outbox.accept(change('TICKET-1', 'NEXT'));
      const later = await outbox.accept(change('TICKET-2'), {
        notBefore: new Date(Date.now() + 60_000),
      });
      expect(await whatOf(outbox, id)).toMatchObject({
        what: ['accepted'],
        steps: ['none', 'cancel'],
      });
      expect(await whatOf(outbox, later)).toMatchObject({ steps: ['none', 'cancel'] });
      let tries = 0;
      await outbox.run(
        delivering((job) => {
          tries += 1;
          job.note('sent', `request ${tries}`);
          if (tries === 1) return { kind: 'retry', reason: 'no connection', delayMs: 1 };
          if (tries === 2) throw new Error('no answer');
          job.note('read', 'somewhere else');
          return tries === 3 ? { kind: 'unknown', reason: 'It is elsewhere.' } : { kind: 'done' };
        }),
      );
      await until(ended('unknown'));
      const attempt = ['claimed', 'slot', 'sent'];
      const all = [
        'accepted',
        ...attempt,
        'ended',
        ...attempt,
        'ended',
        ...attempt,
        'read',
        'ended',
      ];
      const { what, steps, found } = await whatOf(outbox, id);
      expect(what).toEqual(all);
      expect(steps).toEqual(['redrive', 'skip']);
      expect(found).toMatchObject({ kind: 'unknown', isInDoubt: true, reason: 'It is elsewhere.' });
      expect(found?.evidence.at(-1)?.detail).toBe('unknown: It is elsewhere.');
      expect(found?.evidence.filter(({ what: kind }) => kind === 'sent')).toMatchObject([
        { detail: 'request 1' },
        { detail: 'request 2' },
        { detail: 'request 3' },
      ]);
      const times = found?.evidence.map(({ at }) => at.getTime()) ?? [];
      expect(times).toEqual(times.toSorted((one, other) => one - other));
      expect(await whatOf(outbox, behind)).toMatchObject({
        found: { heldBy: id },
        steps: ['none', 'cancel'],
      });
      await outbox.redrive(id);
      await until(ended('done'), 2);
      expect((await whatOf(outbox, id)).what).toEqual([
        ...all,
        'redriven',
        ...attempt,
        'read',
        'ended',
      ]);
      expect((await whatOf(outbox, id)).steps).toEqual(['none']);
      expect(await outbox.inspect.why(nobody)).toBeUndefined();
      expect(await outbox.inspect.why('no id')).toBeUndefined();
    });

    test('is told of a change that is dead, cancelled, skipped, given back or under way', async () => {
      const { outbox, until } = await start();
      const begun = Promise.withResolvers<void>();
      const hangs = Promise.withResolvers<Ending>();
      const [dead, cancelled, hanging] = [
        await outbox.accept(change('TICKET-1')),
        await outbox.accept(change('TICKET-2')),
        await outbox.accept(change('TICKET-3')),
      ];
      await outbox.cancel(cancelled);
      await outbox.run(async ({ change: { ticketId } }) => {
        if (ticketId === 'TICKET-1') return { kind: 'dead', reason: 'no such way' };
        begun.resolve();
        return hangs.promise;
      });
      await until(ended('dead'));
      await begun.promise;
      expect(await whatOf(outbox, cancelled)).toMatchObject({
        what: ['accepted', 'cancelled'],
        steps: ['none'],
      });
      expect(await whatOf(outbox, hanging)).toMatchObject({
        what: ['accepted', 'claimed'],
        steps: ['none', 'give back'],
        found: { kind: 'underWay', isInDoubt: false },
      });
      expect(await whatOf(outbox, dead)).toMatchObject({
        steps: ['redrive', 'skip'],
        found: { isInDoubt: false },
      });
      await outbox.skip(dead, 'done by hand');
      expect((await outbox.inspect.why(dead))?.evidence.at(-1)).toMatchObject({
        what: 'skipped',
        detail: 'done by hand',
      });
      await outbox.giveBack(hanging);
      expect((await whatOf(outbox, hanging)).what?.slice(0, 3)).toEqual([
        'accepted',
        'claimed',
        'given back',
      ]);
      hangs.resolve({ kind: 'done' });
    });

    test('lists all that is still to be sent, in order and page after page', async () => {
      const { outbox, until } = await start();
      const notBefore = new Date(Date.now() + 3_600_000);
      const idOf = (at: number) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
      // More than two pages, three to a ticket, and not in the order of their ids.
      const accepted = Array.from({ length: 450 }, (_, at) => ({
        id: idOf((at * 7) % 450),
        change: change(`TICKET-${at % 150}`, 'START', { key: 'busy' }),
        ...(at % 9 === 0 ? { notBefore } : {}),
      }));
      await outbox.acceptMany(accepted);
      const fromAll = async (most?: number) => {
        const found: WaitingChange[] = [];
        for await (const one of outbox.inspect.waiting({ most })) found.push(one);
        return found;
      };
      const ids = accepted.map(({ id }) => id).toSorted();
      const all = await fromAll();
      expect(all.map(({ id }) => id)).toEqual(ids);
      expect(all.filter((one) => one.notBefore !== undefined)).toHaveLength(50);
      for (const most of [1, 199, 200, 201, 400, 451]) {
        expect(await fromAll(most)).toEqual(all.slice(0, most));
      }
      expect(() => outbox.inspect.waiting({ most: 0 })).toThrow('option "most"');

      await outbox.cancel(idOf(0));
      await outbox.cancel(idOf(449));
      expect((await fromAll()).map(({ id }) => id)).toEqual(ids.slice(1, -1));
      // What is taken back, or comes, meanwhile neither hides nor repeats another one.
      const seen: string[] = [];
      for await (const { id } of outbox.inspect.waiting()) {
        if (seen.push(id) === 100) await outbox.cancel(idOf(50));
      }
      expect(seen).toEqual(ids.slice(1, -1));
      await outbox.pause('busy', 'They stay.');

      // Of each kind that can still be sent, and of none that has ended or holds its ticket.
      const held = Promise.withResolvers<Ending>();
      const kinds = ['done', 'dead', 'unknown', 'retry', 'active'] as const;
      for (const kind of kinds) await outbox.accept(change(kind, 'START', { key: kind }));
      const behind = { whileIn: 'in-progress', context: { role: 'lead' } };
      await outbox.accept(change('dead', 'RESOLVE', { key: 'dead', ...behind }));
      await outbox.accept(
        change('later', 'CLOSE', {
          key: 'later',
          event: { type: 'CLOSE', note: 'x' },
          from: 'open',
        }),
        { notBefore },
      );
      await outbox.run(
        delivering(({ key }) => {
          if (key === 'active') return held.promise;
          if (key === 'retry') return { kind: 'retry', reason: 'no', delayMs: 60_000 };
          return { kind: key as 'done', reason: 'no' } as Ending;
        }),
      );
      await until(ended(), 4);
      const own = (await fromAll()).filter(({ key }) => key !== 'busy');
      const texts = own.map(({ id, ...one }) => ({ ...one, id: typeof id }));
      const id = 'string';
      const later = { event: { type: 'CLOSE', note: 'x' }, from: 'open', notBefore };
      expect(texts).toHaveLength(4);
      expect(texts).toEqual(
        expect.arrayContaining([
          { id, key: 'retry', ticketId: 'retry', event: 'START' },
          { id, key: 'active', ticketId: 'active', event: 'START' },
          { id, key: 'dead', ticketId: 'dead', event: 'RESOLVE', ...behind, from: 'in-progress' },
          { id, key: 'later', ticketId: 'later', ...later },
        ]),
      );
      held.resolve({ kind: 'done' });
    });

    test('is told what must change before a dead change is tried again', async () => {
      const { outbox, until } = await start();
      const ids = [];
      const codes = [['unknown-event'], undefined, ['ticket-not-found', 7, '']] as const;
      for (const at of codes.keys()) ids.push(await outbox.accept(change(`TICKET-${at}`)));
      await outbox.run(
        delivering(({ change: { ticketId } }) => ({
          kind: 'dead',
          reason: 'no',
          codes: codes[Number(ticketId.slice(7))] as readonly string[] | undefined,
        })),
      );
      await until(ended('dead'), 3);
      const found = await Promise.all(ids.map((id) => whatOf(outbox, id)));
      expect(found.map(({ steps }) => steps)).toEqual([
        ['skip', 'redrive'],
        ['redrive', 'skip'],
        ['redrive', 'skip'],
      ]);
      expect(found.map((one) => one.found?.evidence.at(-1)?.codes)).toEqual([
        ['unknown-event'],
        undefined,
        ['ticket-not-found'],
      ]);
      expect(found[2]?.found?.steps[0]?.why).toContain('Once the ticket exists');
    });

    test('is told that the key of a change is paused, and by whom', async () => {
      const { outbox } = await start();
      const id = await outbox.accept(change('TICKET-1', 'START', { key: 'north' }));
      await outbox.pause('north', 'The workspace moves.');
      expect(await outbox.inspect.why(id)).toMatchObject({
        kind: 'waiting',
        reason: 'Its key is paused. The workspace moves.',
        steps: [
          { step: 'resume', why: 'Its key is paused. The workspace moves.' },
          { step: 'cancel', why: 'Nothing of it was processed, so it can be taken back.' },
        ],
      });
    });

    test('is told before it takes a change back how many others rely on it', async () => {
      const { outbox } = await start();
      const ids = [];
      for (const event of ['START', 'RESOLVE', 'CLOSE']) {
        ids.push(await outbox.accept(change('TICKET-1', event)));
      }
      const notBefore = new Date(Date.now() + 60_000);
      ids.push(await outbox.accept(change('TICKET-1', 'REOPEN'), { notBefore }));
      const told = await Promise.all(ids.map(async (id) => (await outbox.inspect.why(id))?.steps));
      expect(told.map((steps) => steps?.find(({ step }) => step === 'cancel')?.why)).toEqual([
        'Nothing of it was processed, so it can be taken back. 2 changes of its ticket wait behind it and begin where it would have ended: look at these first.',
        'Nothing of it was processed, so it can be taken back. 1 change of its ticket waits behind it and begins where it would have ended: look at these first.',
        'Nothing of it was processed, so it can be taken back.',
        'Nothing of it was processed, so it can be taken back.',
      ]);
    });

    test('sees the keys that use most, as many as wanted', async () => {
      const { outbox } = await start();
      for (const key of ['a', 'b', 'c']) {
        await outbox.accept(change('TICKET-1', 'START', { key }));
      }
      expect(await outbox.inspect.budgets()).toEqual([]);
      const lease = await outbox.rateLimiter.acquire('b', 'TICKET-1');
      expect(await outbox.inspect.budgets({ most: 1 })).toMatchObject([{ key: 'b', inUse: 1 }]);
      await expect(outbox.inspect.budgets({ most: 0 })).rejects.toThrow('option "most"');
      lease.release({ kind: 'answered' });
    });

    test.each([
      ['a number as the key', 7, 'TICKET-1', 'option "key" must be a text'],
      ['no key', undefined, 'TICKET-1', 'option "key" must be a text'],
      ['a symbol as the key', Symbol('key'), 'TICKET-1', 'option "key" must be a text'],
      ['no lane', 'default', undefined, 'option "lane" must be a text'],
      ['a bigint as the lane', 'default', 7n, 'option "lane" must be a text'],
      ['a NUL in the key', 'a\0b', 'TICKET-1', 'without NUL or half surrogate pairs'],
      ['half of a surrogate pair', '😀'.slice(0, 1), 'TICKET-1', 'option "key" must be a text'],
      ['a key that fills an index', 'k'.repeat(501), 'TICKET-1', 'at most 500 characters'],
    ])('refuses a request of its own with %s', async (_, key, lane, message) => {
      const { outbox } = await start();
      const asked = outbox.rateLimiter.acquire(key as string, lane as string);
      await expect(asked).rejects.toThrow(message);
    });

    test('a key that no database can keep holds up no other, not even in a delivery', async () => {
      const { outbox, until } = await start();
      await outbox.accept(change('TICKET-1'));
      await outbox.run(async ({ rateLimiter }) => {
        await expect(rateLimiter.acquire('a\0b', 'TICKET-1')).rejects.toThrow('without NUL');
        (await rateLimiter.acquire('😀'.repeat(250), 'TICKET-1')).release({ kind: 'not-sent' });
        return { kind: 'done' };
      });
      expect(await until(ended('done'))).toHaveLength(1);
    });

    test('takes back a change that no worker has let in yet, and one behind it', async () => {
      const { outbox } = await start();
      // More than are let in at a time.
      const tickets = Array.from({ length: 1500 }, (_, at) => ({ change: change(`TICKET-${at}`) }));
      const ids = await outbox.acceptMany([...tickets, { change: change('TICKET-0', 'NEXT') }]);
      for (const id of [ids[1500], ids[1499], ids[0]]) {
        expect(await outbox.cancel(id ?? '')).toBe(true);
        expect(await outbox.cancel(id ?? '')).toBe(false);
        expect(await outbox.inspect.change(id ?? '')).toMatchObject({ kind: 'cancelled' });
      }
      expect(await outbox.inspect.depth()).toMatchObject({ waiting: 1498 });
    });

    test('listens, and listens no more', async () => {
      const { outbox, until } = await start();
      const heard: string[] = [];
      const off = outbox.on(({ type }) => heard.push(type));
      outbox.on(() => {
        throw new Error('This matters to nobody.');
      });
      await outbox.run(delivering());
      await outbox.accept(change('TICKET-1'));
      await until(ended('done'));
      expect(heard).toEqual(['ended']);
      off();
      await outbox.accept(change('TICKET-2'));
      await until(ended('done'), 2);
      expect(heard).toEqual(['ended']);
    });
  });
}
