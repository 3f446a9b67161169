import { describe, expect, test } from 'vitest';
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
      { step: 'cancel', why: 'Nothing of it was sent, so it can be taken back.' },
    ]);
  });
});
