import type { WorkflowEvent } from '@ticket-lifecycle/series';
import { expect, test } from 'vitest';
import { noteEvent } from '../../src/series/note-event.ts';

const answers = [
  ['GET', 'get-ticket', { status: 200, evidence: 'applied' }, 'get-ticket: 200 read'],
  [
    'GET',
    'get-ticket',
    { status: 429, reason: 'rate-limited', evidence: 'limited' },
    'get-ticket: 429 rate-limited',
  ],
  [
    'GET',
    'get-ticket',
    { status: 404, reason: 'ticket-not-found', evidence: 'refused' },
    'get-ticket: 404 ticket-not-found',
  ],
  ['GET', 'get-ticket', { reason: 'timeout', evidence: 'unknown' }, 'get-ticket: timeout'],
  ['POST', 'change-status', { status: 200, evidence: 'applied' }, 'change-status: 200 applied'],
  [
    'POST',
    'change-status',
    { reason: 'connection-lost', evidence: 'unknown' },
    'change-status: connection-lost unknown',
  ],
] as const;

test.each(answers)('an answer to a %s of %s: %o', (method, call, said, text) => {
  const noted: unknown[] = [];
  const event = { type: 'answered', method, call, durationMs: 12.4, ...said };
  noteEvent(event as unknown as WorkflowEvent, (...entry) => noted.push(entry));
  expect(noted).toEqual([['answered', `${text}, after 12 ms`]]);
});
