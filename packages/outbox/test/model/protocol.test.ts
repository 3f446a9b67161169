import { describe, expect, test } from 'vitest';
import { explore } from './explore.ts';
import { createModel, faultKinds, type FaultKind, type Variant } from './protocol-model.ts';

// Two workers in all of them.
const whole = { tickets: 2, changes: 3 };
const small = { tickets: 1, changes: 2 };
const holds = { unsafe: undefined, stuck: undefined };

describe('in every schedule nothing is applied twice or out of order, and all is delivered', () => {
  test.each(faultKinds)(
    'of two tickets with three changes, after %s',

    (kind) => {
      const found = explore(createModel({ ...whole, budget: { [kind]: 1 } }));
      expect(found).toMatchObject(holds);
      expect(found.states).toBeGreaterThan(200);
    },
  );

  const pairs = faultKinds
    .flatMap((one, at) => faultKinds.slice(at).map((other) => [one, other] as const))
    // With both processes gone, all waits for a third one.
    .filter(([one, other]) => one !== 'crash' || other !== 'crash');
  test.each(pairs)(
    'of one ticket with two, after %s and %s',

    (one, other) => {
      const budget = one === other ? { [one]: 2 } : { [one]: 1, [other]: 1 };
      expect(explore(createModel({ ...small, budget }))).toMatchObject(holds);
    },
  );
});

/** What each way of breaking the protocol leads to, and after which single fault. */
const broken: Readonly<Record<string, readonly [Variant, FaultKind, 'unsafe' | 'stuck']>> = {
  'no comparison, and the answer to a claim is lost': [
    { isWithoutComparison: true },
    'lost-claim',
    'stuck',
  ],
  'no comparison, and a claim happens late': [{ isWithoutComparison: true }, 'late-claim', 'stuck'],
  'no comparison, and an end is forgotten': [
    { isWithoutComparison: true },
    'forgotten-end',
    'stuck',
  ],
  'what expires is dropped': [
    { dropsWhatExpires: true, isWithoutComparison: true },
    'slow-renewal',
    'stuck',
  ],
  'one permit for all lives': [{ sharesPermits: true }, 'pause', 'unsafe'],
  'a permit before the store knows the life': [{ permitsBeforeEnter: true }, 'pause', 'unsafe'],
  'an end without its fence': [{ endsWithoutFence: true }, 'slow-renewal', 'unsafe'],
  'a doubt that is dropped': [{ forgetsDoubt: true }, 'crash', 'unsafe'],
  'strays that count as never sent': [{ trustsStrays: true }, 'forgotten-end', 'unsafe'],
  'a comparison while a claim is under way': [
    { comparesWhileClaiming: true },
    'lost-http',
    'unsafe',
  ],
  'a death before the permit has run out': [{ declaresDeadEarly: true }, 'lost-end', 'unsafe'],
  'a look while the request is under way': [{ looksTooEarly: true }, 'lost-http', 'unsafe'],
};

describe('the model sees what breaks the protocol', () => {
  test.each(Object.entries(broken))('%s', (_, [variant, kind, how]) => {
    const found = explore(createModel({ ...small, budget: { [kind]: 1 }, variant }));
    expect(found[how]).toBeDefined();
    // The schedule that shows it is short enough to be read.
    expect(found[how]?.length).toBeLessThan(20);
  });
});
