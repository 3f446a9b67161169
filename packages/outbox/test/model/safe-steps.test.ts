import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/model/change.ts';
import { historyOf, type StoredHistory } from '../../src/model/safe-steps.ts';
import type { ChangeRecord } from '../../src/model/outbox.ts';
import { change } from '../support/trial.ts';

const stepsOf = (
  record: Partial<ChangeRecord> & Pick<ChangeRecord, 'kind'>,
  more: Partial<StoredHistory> = {},
) => {
  const whole = { id: 'id', change: change('TICKET-1'), attempts: 1, acceptedAt: new Date() };
  return historyOf({ record: { ...whole, ...record }, evidence: [], isInDoubt: false, ...more })
    .steps;
};

describe('a change in doubt', () => {
  test.each([
    ['that waits', { kind: 'waiting' }, {}],
    ['that is tried again', { kind: 'retrying', reason: '503' }, { stands: '503' }],
    ['that is tried again at once', { kind: 'retrying', reason: '503' }, {}],
    ['that is dead', { kind: 'dead', reason: '503' }, {}],
    ['of which nobody knows', { kind: 'unknown', reason: '503' }, {}],
    ['that a worker has', { kind: 'underWay' }, {}],
  ] as const)('%s is read before it is sent, and never taken back', (_, record, more) => {
    const steps = stepsOf(record, { isInDoubt: true, ...more });
    expect(steps.map(({ why }) => why).join(' ')).toContain('is read first');
    expect(steps.map(({ why }) => why).join(' ')).not.toContain('It is sent when');
    expect(steps.map(({ step }) => step)).not.toContain('cancel');
  });

  test('is told from one that was never sent', () => {
    expect(stepsOf({ kind: 'retrying', reason: '503' })).toEqual([
      { step: 'none', why: 'It is sent when its turn, its time and a slot have come.' },
      { step: 'cancel', why: 'Nothing of it was processed, so it can be taken back.' },
    ]);
  });
});

describe('a dead change', () => {
  const dead = (codes: readonly string[] | undefined, more: Partial<Change> = {}) => {
    const evidence = [{ at: new Date(), what: 'ended', detail: 'dead', codes }] as const;
    const record = {
      kind: 'dead',
      reason: 'no',
      change: change('TICKET-1', 'START', more),
    } as const;
    return stepsOf(record, { evidence });
  };

  test.each([
    [['unknown-state'], {}, 'a lifecycle that has this state', 'with a state that'],
    [['unknown-event', 'stale'], {}, 'a lifecycle that has this event', 'with an event that'],
    [['stale', 'unknown-state'], { from: 'x' }, 'that has this state', 'with a state that'],
    [['payload'], {}, 'a lifecycle that takes this payload', 'with a payload that fits'],
    [['guard'], {}, 'Only once the guard lets it through', 'with a context that'],
    [['no-such-transition'], { from: 'open' }, 'with such a transition', 'with an event that'],
    [['no-such-transition'], { whileIn: 'open' }, 'with such a transition', 'with an event that'],
  ])('that ends the same way each time is accepted anew: %j %j', (codes, more, once, anew) => {
    const [skip, redrive, ...others] = dead(codes, more);
    expect(others).toEqual([]);
    expect([skip?.step, redrive?.step]).toEqual(['skip', 'redrive']);
    expect(skip?.why).toContain(`Its ticket goes on without it. Accept it anew, ${anew}`);
    expect(redrive?.why).toContain(once);
    expect(redrive?.why).toMatch(/^Only once .*Nothing of it was processed\.$/);
  });

  test.each([
    [['no-such-transition'], {}, 'Once the ticket is in a state in which the event is possible.'],
    [['stale'], { from: 'open' }, 'Once the ticket is in "open" again.'],
    [['ticket-not-found'], {}, 'Once the ticket exists for this key.'],
    [['bad-request'], {}, 'Once what it was refused for is different (bad-request).'],
    [['constructor', '__proto__'], {}, 'Once what it was refused for is different'],
    [[], {}, 'Once its cause is gone: else it ends the same way.'],
    [undefined, {}, 'Once its cause is gone: else it ends the same way.'],
  ])('is redriven once something is different: %j %j', (codes, more, once) => {
    const [redrive, skip] = dead(codes, more);
    expect([redrive?.step, skip?.step]).toEqual(['redrive', 'skip']);
    expect(redrive?.why).toContain(once);
    expect(skip?.why).toBe('Its ticket goes on without it.');
  });
});
