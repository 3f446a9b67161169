import type { Outcome } from '@ticket-lifecycle/series';
import type { Ending } from '../model/delivery.ts';
import { faultsOf } from './outage.ts';

// What the key lacks, a person can give it. Nothing was changed, so trying again does no harm.
const ofTheKey: ReadonlySet<unknown> = new Set([
  'unauthorized',
  'forbidden',
  'subscription-required',
  'module-disabled',
]);

/** Whether a refusal is about the key, and not about the change. */
export const isOfTheKey = (code: unknown): boolean => ofTheKey.has(code);

/** What the outcome of a workflow means for a stored change. */
export function endingFromOutcome(outcome: Outcome, whileIn: string | undefined): Ending {
  const ending = plainEnding(outcome, whileIn);
  const { from, assumed } = outcome;
  return assumed === undefined || from === undefined ? ending : saysAssumed(ending, from);
}

/** The same ending of a change where the definition alone decided in which state its ticket was. */
export function saysAssumed(ending: Ending, state: string): Ending {
  const what = `It was assumed to be ${state}: several states have its status.`;
  const said = (text = '') => `${text}${/[.!?]$/.test(text) ? '' : '.'} ${what}`;
  return ending.kind === 'done'
    ? { ...ending, note: said(ending.note), assumed: true }
    : { ...ending, reason: said(ending.reason), assumed: true };
}

function plainEnding(outcome: Outcome, whileIn: string | undefined): Ending {
  switch (outcome.kind) {
    case 'confirmed':
      return { kind: 'done', state: outcome.to, note: `confirmed by ${outcome.by}` };
    case 'unchanged':
      return { kind: 'done', state: outcome.to ?? outcome.from, note: 'nothing to do' };
    case 'blocked': {
      const reason = outcome.blockers.map(({ message }) => message).join(' ');
      const codes = outcome.blockers.map(({ code }) => code);
      if (whileIn !== undefined && codes.includes('stale')) return { kind: 'dropped', reason };
      return { kind: 'dead', reason, codes };
    }
    case 'refused': {
      const { code, message } = outcome.error;
      if (isOfTheKey(code)) return { kind: 'retry', reason: message, keyFault: 'unusable' };
      if (code === 'server-error') return { kind: 'retry', reason: message };
      return { kind: 'dead', reason: message, codes: [code] };
    }
    case 'not-sent': {
      const reason = outcome.error.message;
      // One that was only cut short by the end of this process goes on at once elsewhere.
      const isCutShort = (outcome.error as { reason?: string }).reason === 'aborted';
      if (isCutShort) return { kind: 'retry', reason, delayMs: 0 };
      return { kind: 'retry', reason, ...faultsOf(outcome.error) };
    }
    case 'unknown':
      return { kind: 'unknown', reason: outcome.error.message };
  }
}
