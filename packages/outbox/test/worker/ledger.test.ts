import { expect, test } from 'vitest';
import type { ClaimEnd, Release } from '../../src/model/claim.ts';
import { createLedger } from '../../src/worker/ledger.ts';

const endOf = (id: string, more: Partial<ClaimEnd> = {}): ClaimEnd => ({
  life: 'life',
  id,
  fence: 1,
  kind: 'done',
  doubt: 'none',
  ...more,
});
const slotOf = (token: number) =>
  ({ key: 'key', slot: 1, token, answer: { kind: 'limited' } }) as const;
const noted = { evidence: [{ what: 'answered', detail: 'bad', at: 0 }] } as const;

/** A database that can't read what is bad, and takes all or nothing of a call. */
function setUp({ code = '22P02', busySlots = new Set<number>(), held = 1 } = {}) {
  const written: string[] = [];
  const ledger = createLedger(
    {
      async end(ends, releases) {
        const isBad =
          JSON.stringify(ends).includes('bad') || releases.some(({ token }) => token < 0);
        if (isBad) throw Object.assign(new Error('invalid input'), { code });
        const stands = new Set(ends.filter(({ fence }) => fence === held).map(({ id }) => id));
        const free = releases.filter(({ token }) => !busySlots.delete(token));
        const busy = releases.filter((one) => !free.includes(one)).map(({ token }) => token);
        written.push(...stands, ...free.map(({ token }: Release) => `slot ${token}`));
        return { stands, busy: new Set(), busySlots: new Set(busy) };
      },
    },
    () => {},
  );
  return { ledger, written };
}

test.each(['22P02', '22P05', '22008'])(
  'an end that a database can not read keeps no other from being written: %s',
  async (code) => {
    const { ledger, written } = setUp({ code });
    ledger.release(slotOf(-1));
    ledger.release(slotOf(2));
    const wereHeld = await Promise.all([
      ledger.end(endOf('one')),
      ledger.end(endOf('noted', noted)),
      ledger.end(endOf('bad')),
      ledger.end(endOf('other', { evidence: [] })),
    ]);
    // Its evidence is lost. One that can't be written at all is for the store to find.
    expect(wereHeld).toEqual([true, true, false, true]);
    await ledger.drained();
    expect(written.toSorted()).toEqual(['noted', 'one', 'other', 'slot 2']);
  },
);

test('a slot that somebody has locked is given back later, and all else at once', async () => {
  const { ledger, written } = setUp({ busySlots: new Set([1]) });
  ledger.release(slotOf(1));
  ledger.release(slotOf(2));
  expect(await ledger.end(endOf('one'))).toBe(true);
  expect(written).toEqual(['one', 'slot 2']);
  await ledger.drained();
  expect(written).toEqual(['one', 'slot 2', 'slot 1']);
});

test.each([0, 1, 2, 3, 4, 5])(
  'a slot that is given back %i steps after an end was stored is written down, too',
  async (steps) => {
    const { ledger, written } = setUp();
    expect(await ledger.end(endOf('one'))).toBe(true);
    for (let step = 0; step < steps; step += 1) await Promise.resolve();
    ledger.release(slotOf(7));
    await ledger.drained();
    expect(written).toEqual(['one', 'slot 7']);
  },
);

test('of two attempts of a change that end together, the one that is held stands', async () => {
  const { ledger } = setUp({ held: 2 });
  const wereHeld = [ledger.end(endOf('one')), ledger.end(endOf('one', { fence: 2 }))];
  expect(await Promise.all(wereHeld)).toEqual([false, true]);
});
