import { expect, test } from 'vitest';
import { guessColumns, idColumn } from '../../src/histories/guess.ts';

const people = ['user', 'performer', 'author', 'assigneeGroup', 'updated_by', 'requesters'];

test.each(people)('what is of %s is not of the ticket', (whose) => {
  const columns = ['id', 'status', 'created_at', 'number'].map((name) => `${whose}.${name}`);
  expect(idColumn(columns)).toBeUndefined();
  expect(guessColumns(columns, [], {}, () => false)).toEqual({});
});

test.each(people)('a ticket beside %s has its own columns, in any order', (whose) => {
  const others = ['id', 'status', 'updated_at'].map((name) => `${whose}.${name}`);
  for (const own of ['', 'ticket.', 'data.']) {
    const [id, state, time] = ['id', 'status', 'updated_at'].map((name) => `${own}${name}`);
    const columns = [...others, `${own}id`, `${own}status`, `${own}updated_at`];
    expect(guessColumns(columns, [], {}, () => false)).toEqual({ id, state, time });
    expect(guessColumns(columns.toReversed(), [], {}, () => false)).toEqual({ id, state, time });
  }
});

test('of two columns with one name the one further up is taken', () => {
  expect(idColumn(['fields.parent.key', 'fields.key', 'key'])).toBe('key');
  expect(idColumn(['fields.parent.key', 'fields.key'])).toBe('fields.key');
});
