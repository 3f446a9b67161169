import { expect, test } from 'vitest';
import { ticketStatuses, ticketStatusSchema } from '../src/index.ts';

test('there are four statuses, in the order of a usual life', () => {
  expect(ticketStatuses).toEqual(['open', 'in-progress', 'resolved', 'closed']);
});

test.each(ticketStatuses)('%s is accepted from outside', (status) => {
  expect(ticketStatusSchema.parse(status)).toBe(status);
});

test.each(['Open', ' open', 'in_progress', 'in progress', '', 'deleted', null, undefined, 0])(
  '%j is refused',
  (value) => {
    expect(ticketStatusSchema.safeParse(value).success).toBe(false);
  },
);
