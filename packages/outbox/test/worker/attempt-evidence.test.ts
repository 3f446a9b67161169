import { expect, test } from 'vitest';
import type { EvidenceKind } from '../../src/model/evidence.ts';
import { isStorable } from '../../src/model/storable.ts';
import { createAttemptEvidence } from '../../src/worker/attempt-evidence.ts';

test.each([0, 10, 39, 40, 41, 500])(
  'an attempt that reads much says what it sent, after %s reads and before as many',
  (reads) => {
    const { note, entries } = createAttemptEvidence();
    const read = () => {
      for (let time = 0; time < reads; time += 1) note('answered', 'get-ticket: 503');
    };
    read();
    note('sent', 'change-status');
    note('answered', 'change-status: 503');
    read();
    note('read', 'the latest');
    const texts = entries().map(({ detail }) => detail);
    expect(texts.filter((text) => text?.startsWith('change-'))).toEqual([
      'change-status',
      'change-status: 503',
    ]);
    expect(texts.at(-1)).toBe('the latest');
    expect(texts).toHaveLength(Math.min(40, 2 * reads + 3));
  },
);

test.each(['', 'x'])('what is noted is cut, and stays a text that can be kept: %o', (before) => {
  const { note, entries } = createAttemptEvidence();
  const text = `${before}${'😀'.repeat(200)}\0`;
  note('answered', text);
  note(text as EvidenceKind, 'of untyped code');
  const texts = entries().flatMap(({ what, detail = '' }) => [what, detail]);
  expect(texts.filter((one) => !isStorable(one) || one.length > 300)).toEqual([]);
});
