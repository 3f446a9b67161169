import { ticketLifecycle } from '@ticket-lifecycle/core';
import { staffUserIdSchema, ticketIdSchema } from '@ticket-lifecycle/series';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createChangeParser } from '../../src/bulk/change-line.ts';

const parse = createChangeParser(ticketLifecycle, undefined);

test('a line that is let through quickly would have passed the schema as well', () => {
  const value = fc.oneof(
    fc.constantFrom(undefined, 'START', 'open', 'closed', 'T-1', '..', 'a/b', 7, 0, '7', null),
    fc.string(),
    fc.integer(),
    fc.double(),
  );
  const fields = fc.record({
    ticketId: value,
    event: value,
    to: value,
    from: value,
    staffUserId: value,
  });
  fc.assert(
    fc.property(fields, (given) => {
      const parsed = parse(given);
      if (!('change' in parsed)) return;
      const { ticketId, staffUserId, event, to, from } = parsed.change;
      expect(ticketIdSchema.safeParse(ticketId).success).toBe(true);
      expect(staffUserIdSchema.safeParse(staffUserId).success).toBe(true);
      expect((event === undefined) !== (to === undefined)).toBe(true);
      if (event !== undefined) expect(ticketLifecycle.events).toContain(event);
      for (const state of [to, from]) {
        if (state !== undefined) expect(ticketLifecycle.states).toContain(state);
      }
    }),
    { numRuns: 2000 },
  );
});

test('all that is wrong with a line is said at once', () => {
  expect(parse({ ticketId: '..', event: 'STRAT', form: 'open', staffUserId: 0 })).toEqual({
    reason: expect.stringMatching(
      /no field "form" \(did you mean from\?\); ticketId: .*; event: Unknown event "STRAT". Expected one of .* \(did you mean START\?\); staffUserId: /,
    ),
  });
});
