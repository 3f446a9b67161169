import { describe, expect, test } from 'vitest';
import {
  LifecycleDefinitionError,
  TransitionBlockedError,
  type DefinitionFault,
} from '../src/index.ts';

const blockers = [
  { code: 'guard', message: 'Only a lead closes a ticket.', parameters: {} },
  { code: 'guard', message: 'The customer has not answered.', parameters: {} },
];
const faults: DefinitionFault[] = [
  { code: 'dead-end', path: 'states.stuck', message: 'Nothing leads out.' },
  { code: 'no-status', path: 'states.odd', message: 'The API has no status "odd".' },
];

test('a blocked change says every reason in its message', () => {
  const error = new TransitionBlockedError('resolved', 'CLOSE', blockers);
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe('TransitionBlockedError');
  expect(error.message).toBe('Only a lead closes a ticket. The customer has not answered.');
  expect(error).toMatchObject({ from: 'resolved', event: 'CLOSE', blockers });
});

test('a bad definition lists every fault with its place', () => {
  const cause = new Error('why');
  const error = new LifecycleDefinitionError(faults, { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe('LifecycleDefinitionError');
  expect(error.message).toBe(
    'This machine is not a lifecycle:\n' +
      '  states.stuck: Nothing leads out.\n' +
      '  states.odd: The API has no status "odd".',
  );
  expect(error.faults).toEqual(faults);
  expect(error.cause).toBe(cause);
});

describe('an error is recognised', () => {
  const blocked = new TransitionBlockedError('open', 'CLOSE', blockers);
  const broken = new LifecycleDefinitionError(faults);

  test('as what it is, and not as the other', () => {
    expect([TransitionBlockedError.is(blocked), TransitionBlockedError.is(broken)]).toEqual([
      true,
      false,
    ]);
    expect([LifecycleDefinitionError.is(broken), LifecycleDefinitionError.is(blocked)]).toEqual([
      true,
      false,
    ]);
  });

  test('when it comes from another copy of the package', () => {
    const branded = (name: string) => ({ [Symbol.for(`@ticket-lifecycle/core/${name}`)]: true });
    expect(TransitionBlockedError.is(branded('TransitionBlockedError'))).toBe(true);
    expect(LifecycleDefinitionError.is(branded('LifecycleDefinitionError'))).toBe(true);
  });

  test.each([null, undefined, 'TransitionBlockedError', new Error('CLOSE'), {}])(
    'and %o is not',
    (value) => {
      expect(TransitionBlockedError.is(value)).toBe(false);
      expect(LifecycleDefinitionError.is(value)).toBe(false);
    },
  );

  test('without its brand showing when it is printed', () => {
    expect(Object.keys(blocked)).toEqual(['name', 'from', 'event', 'blockers']);
  });
});
