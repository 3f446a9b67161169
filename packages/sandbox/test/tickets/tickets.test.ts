import { expect, test } from 'vitest';
import { createSandbox, type NewTicket, SandboxError } from '../../src/index.ts';

const create = () =>
  createSandbox({ tickets: [{ ticketId: 'T-1' }, { ticketId: 'T-2', status: 'closed' }] }).tickets;

test('lists tickets in the order in which they were added', () => {
  const tickets = create();
  tickets.add({ ticketId: 'T-3', subject: 'Refund' });
  tickets.setStatus('T-1', 'closed');
  expect(tickets.list().map(({ ticketId }) => ticketId)).toEqual(['T-1', 'T-2', 'T-3']);
  expect([...tickets]).toEqual(tickets.list());
  expect(tickets.size).toBe(3);
  expect(tickets.get('T-3')?.subject).toBe('Refund');
});

test('finds, and deletes once, by ticket id or database id', () => {
  const tickets = create();
  const { mongoId } = tickets.add({ ticketId: 'T-3' });
  expect(mongoId).toMatch(/^[0-9a-f]{24}$/);
  expect(tickets.get(mongoId)).toBe(tickets.get('T-3'));
  expect([tickets.delete(mongoId), tickets.delete('T-3')]).toEqual([true, false]);
  expect([tickets.has(mongoId), tickets.has('T-3')]).toEqual([false, false]);
});

test('one that was taken out can be added to another sandbox as it is', () => {
  const [ticket] = create().list();
  const { tickets } = createSandbox({ tickets: ticket === undefined ? [] : [ticket] });
  expect(tickets.get('T-1')).toMatchObject({ status: 'open', mongoId: ticket?.mongoId });
});

test('a ticket that was taken out earlier does not change any more', () => {
  const tickets = create();
  const before = tickets.get('T-1');
  tickets.setStatus('T-1', 'resolved');
  expect(before?.status).toBe('open');
  expect(Object.isFrozen(before)).toBe(true);
});

test.each([
  [{ ticketId: '' }, 'ticketId must be a string that is not empty; received ""'],
  [{ ticketId: 5 as unknown as string }, 'ticketId must be a string that is not empty; received 5'],
  [{ ticketId: 'T-1' }, 'ticketId must be new: there already is a ticket; received "T-1"'],
  [
    { ticketId: 'T-9', mongoId: 'T-2' },
    'mongoId must be new: there already is a ticket; received "T-2"',
  ],
  [
    { ticketId: 'T-9', status: 'done' as 'open' },
    'status must be one of open, in-progress, resolved, closed; received "done"',
  ],
  [
    { ticketId: 'T-9', stauts: 'closed' },
    'unknown field "stauts"; expected one of ticketId, mongoId, status, subject,',
  ],
  [{ ticketId: 'T-9', Status: 'closed' }, 'unknown field "Status"'],
  [{ ticketId: 'T-9', toString: 'closed' } as NewTicket, 'unknown field "toString"'],
])('does not add %j', (ticket, message) => {
  const tickets = create();
  expect(() => tickets.add(ticket)).toThrow(message);
  expect(tickets.size).toBe(2);
});

test('does not set an unknown status, nor the status of an unknown ticket', () => {
  const tickets = create();
  expect(() => tickets.setStatus('T-9', 'open')).toThrow(
    'there is no ticket with this id; received "T-9"',
  );
  expect(() => tickets.setStatus('T-1', 'done' as 'open')).toThrow('status must be one of');
});

test('its errors can be told from others', () => {
  try {
    create().add({ ticketId: 'T-1' });
    expect.unreachable();
  } catch (error) {
    expect(SandboxError.is(error)).toBe(true);
    expect(error).toMatchObject({ name: 'SandboxError', code: 'invalid-ticket' });
  }
  expect(SandboxError.is(new Error('T-1'))).toBe(false);
  expect(SandboxError.is(undefined)).toBe(false);
});
