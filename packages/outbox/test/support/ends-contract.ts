import { afterEach, describe, expect, test } from 'vitest';
import { checkChange } from '../../src/model/change.ts';
import type { ClaimEnd, Claimed, Life } from '../../src/model/claim.ts';
import type { ChangeEvidence, EvidenceKind } from '../../src/model/evidence.ts';
import type { Store } from '../../src/model/store.ts';
import { timeOrderedId } from '../../src/model/time-ordered-id.ts';
import { change } from './trial.ts';

/** What each store makes of ends that come late, come again, or never come. */
export function endsContract(backend: string, open: () => Promise<Store<never>>): void {
  describe(`ends in a store ${backend}`, () => {
    const stores: Store<never>[] = [];
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close();
    });

    let number = 0;
    /** A store, and a life in it that takes one change at a time. */
    async function start() {
      const store = await open();
      stores.push(store);
      const life = await store.enter();
      const accept = async (ticketId: string, key = 'default') => {
        const one = checkChange(change(ticketId, 'START', { key }));
        await store.accept([{ id: timeOrderedId(), change: one }]);
      };
      const claim = async (by = life): Promise<Claimed> => {
        for (;;) {
          const [job] = (await store.claim(by, { number: (number += 1), most: 1, held: [] })).jobs;
          if (job !== undefined) return job;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      return { store, life, accept, claim };
    }

    const endOf = (life: Life, { id, fence }: Claimed, more: Partial<ClaimEnd> = {}): ClaimEnd => ({
      life: life.id,
      id,
      fence,
      kind: 'done',
      doubt: 'none',
      ...more,
    });

    type Step = 'done' | 'retry' | 'dead' | 'unknown' | 'lost';
    const courses: readonly (readonly Step[])[] = [
      ['retry', 'done'],
      ['retry', 'retry', 'retry', 'done'],
      ['retry', 'lost', 'retry', 'dead'],
      ['dead', 'retry', 'done'],
      ['unknown', 'dead', 'retry', 'unknown', 'done'],
      ['lost', 'retry', 'lost', 'done'],
    ];

    test.each(courses.map((course) => [course.join(', '), course] as const))(
      'each is known again, whatever became of its change since: %s',
      async (_, course) => {
        const { store, life, accept, claim } = await start();
        await accept('TICKET-1');
        const said: { readonly end: ClaimEnd; readonly wasHeld: boolean }[] = [];
        const sayAll = async () => {
          for (const { end, wasHeld } of said) {
            const { stands, busy } = await store.end([end], []);
            expect([[...stands], [...busy]]).toEqual([wasHeld ? [end.id] : [], []]);
          }
        };
        for (const step of course) {
          const job = await claim();
          const kind = step === 'lost' ? 'retry' : step;
          const end = endOf(life, job, { kind, delayMs: 0 });
          // Taken from its worker: what that says later has no effect.
          if (step === 'lost') expect(await store.giveBack(job.id)).toBe(true);
          const { stands } = await store.end([end], []);
          expect([...stands]).toEqual(step === 'lost' ? [] : [job.id]);
          said.push({ end, wasHeld: step !== 'lost' });
          if (kind === 'dead' || kind === 'unknown') await store.redrive(job.id);
          await sayAll();
        }
        // Also beside the next change of the ticket.
        await accept('TICKET-1');
        const next = await claim();
        await sayAll();
        expect([...(await store.end([endOf(life, next)], [])).stands]).toEqual([next.id]);
        await sayAll();
      },
    );

    const noted = (...entries: readonly (readonly [EvidenceKind, string])[]) =>
      entries.map(([what, detail]) => ({ what, detail }));
    const reads = (count: number) =>
      noted(
        ...Array.from({ length: count }, (_, n) => ['answered', `get-ticket: 503, ${n}`] as const),
      );
    const write = noted(['sent', 'change-status, request 1'], ['answered', 'change-status: 503']);
    const told = ['accepted', 'sent change-status, request 1', 'answered change-status: 503'];

    test.each([
      { reads: 12, attempts: 8 },
      { reads: 30, attempts: 6 },
      { reads: 40, attempts: 3 },
    ])(
      'keep what was sent and answered last, whatever is read since: $reads reads in each of $attempts attempts',
      async (row) => {
        const { store, life, accept, claim } = await start();
        await accept('TICKET-1');
        const end = async (entries: ReturnType<typeof noted>, more: Partial<ClaimEnd> = {}) => {
          const job = await claim();
          const evidence = entries.map((one) => ({ ...one, at: performance.now() }));
          const retry = { kind: 'retry', doubt: 'anew', delayMs: 0, reason: '503' } as const;
          await store.end([endOf(life, job, { ...retry, evidence, ...more })], []);
          return (await store.inspect.why(job.id))?.evidence ?? [];
        };
        const textsOf = (evidence: readonly ChangeEvidence[]) =>
          evidence.map(({ what, detail }) => [what, detail].filter(Boolean).join(' '));
        let evidence = await end([...reads(row.reads), ...write, ...reads(2)]);
        for (let attempt = 1; attempt < row.attempts; attempt += 1) {
          evidence = await end(reads(row.reads), { doubt: 'as-before' });
          expect(textsOf(evidence)).toEqual(expect.arrayContaining(told));
        }
        expect(textsOf(evidence).slice(0, 4)).toEqual([...told, 'ended retry: 503']);
        expect(evidence).toHaveLength(61);
        const times = evidence.map(({ at }) => at.getTime());
        expect(times).toEqual(times.toSorted((one, other) => one - other));
        // Of what is sent again only the latest: its answer was lost, and that of a read is not its.
        await end(noted(['sent', 'change-status, request 2']));
        for (let left = 80; left > 0; left -= row.reads) evidence = await end(reads(row.reads));
        expect(textsOf(evidence).slice(0, 3)).toEqual([
          'accepted',
          'sent change-status, request 2',
          'ended retry: 503',
        ]);
        expect(textsOf(evidence)).not.toContain(told[2]);
      },
    );

    const firstStepMs = 1000;
    type Lose = (trial: Awaited<ReturnType<typeof start>>, probe: Claimed, by: Life) => unknown;
    const losses: readonly (readonly [string, Lose])[] = [
      [
        'that meets an outage',
        ({ store }, probe, by) =>
          store.end([endOf(by, probe, { kind: 'retry', isOutage: true, delayMs: 0 })], []),
      ],
      ['whose worker leaves', ({ store }, _, by) => store.leave(by)],
      ['that is taken from its worker by hand', ({ store }, { id }) => store.giveBack(id)],
      [
        'that asks nothing',
        ({ store }, probe, by) =>
          store.end([endOf(by, probe, { kind: 'retry', askedNothing: true, delayMs: 0 })], []),
      ],
    ];

    test.each(losses)(
      'a probe %s says nothing of its key, and the next one waits no longer for it',
      async (_, lose) => {
        const trial = await start();
        const { store, life, accept, claim } = trial;
        await accept('TICKET-1', 'north');
        const first = await claim();
        const fault = { kind: 'retry', keyFault: 'unusable', reason: 'revoked' } as const;
        await store.end([endOf(life, first, { ...fault, delayMs: 0 })], []);
        const prober = await store.enter();
        const probe = await claim(prober);
        const nextTry = async () => (await store.inspect.paused())[0]?.nextTryAt?.getTime() ?? 0;
        // While it is under way, as long as its request may take.
        expect((await nextTry()) - Date.now()).toBeGreaterThan(firstStepMs);
        await lose(trial, probe, prober);
        expect((await nextTry()) - Date.now()).toBeLessThanOrEqual(firstStepMs);
        expect(await store.inspect.paused()).toMatchObject([{ by: 'fault', reason: 'revoked' }]);
      },
    );

    const revoked = { kind: 'retry', keyFault: 'unusable', reason: 'revoked', delayMs: 0 } as const;
    const isPaused = async (store: Store<never>) => (await store.inspect.paused()).length > 0;

    test('what was sent before its key failed neither ends the pause, nor shows that the key works', async () => {
      const { store, life, accept, claim } = await start();
      await accept('TICKET-1', 'north');
      await accept('TICKET-2', 'north');
      const [failed, sentBefore] = [await claim(), await claim()];
      await store.end([endOf(life, failed, revoked)], []);
      expect((await store.end([endOf(life, sentBefore)], [])).turned).toEqual([]);
      expect(await isPaused(store)).toBe(true);
      await store.resume('north');
      expect((await claim()).keyWorks ?? false).toBe(false);
    });

    test('a change that fails by itself ends no pause of its key, which others know better', async () => {
      const { store, life, accept, claim } = await start();
      await accept('TICKET-1', 'north');
      await store.end([endOf(life, await claim(), revoked)], []);
      await store.resume('north');
      await accept('TICKET-2', 'north');
      const [failed, other] = [await claim(), await claim()];
      expect(failed.keyWorks ?? false).toBe(false);
      await store.end([endOf(life, failed, revoked)], []);
      await store.resume('north');
      await store.end([endOf(life, other)], []);
      await accept('TICKET-3', 'north');
      const [again, later] = [await claim(), await claim()];
      await store.end([endOf(life, later)], []);
      await store.end([endOf(life, again, { kind: 'retry', delayMs: 0, isOwnFault: true })], []);
      // Now it has worked for one that was claimed after the fault, so this one fails by itself.
      const stale = await claim();
      expect(stale).toMatchObject({ id: again.id, keyWorks: true });
      await accept('TICKET-4', 'north');
      await store.end([endOf(life, await claim(), revoked)], []);
      expect(await isPaused(store)).toBe(true);
      for (const kind of ['retry', 'dead'] as const) {
        const { turned } = await store.end([endOf(life, stale, { kind, isOwnFault: true })], []);
        expect(turned).toEqual([]);
      }
      expect(await isPaused(store)).toBe(true);
      // The probe has the key's fault to tell, whatever was before the pause.
      const probe = await claim();
      expect(probe).toMatchObject({ keyWorks: false });
      await store.end([endOf(life, probe)], []);
      expect(await isPaused(store)).toBe(false);
    });

    test('one of a claim from before the pause says nothing about when the next probe comes', async () => {
      const { store, life, accept, claim } = await start();
      await accept('TICKET-1', 'north');
      await accept('TICKET-2', 'north');
      const [first, old] = [await claim(), await claim()];
      const fault = { kind: 'retry', keyFault: 'unusable', reason: 'revoked' } as const;
      await store.end([endOf(life, first, { ...fault, delayMs: 0 })], []);
      const [before] = await store.inspect.paused();
      const nothing = { kind: 'retry', askedNothing: true, delayMs: 0 } as const;
      await store.end([endOf(life, old, nothing)], []);
      const [after] = await store.inspect.paused();
      const differenceMs = Number(after?.nextTryAt) - Number(before?.nextTryAt);
      // Moments of a monotonic clock, as dates.
      expect(Math.abs(differenceMs)).toBeLessThan(10);
    });
  });
}
