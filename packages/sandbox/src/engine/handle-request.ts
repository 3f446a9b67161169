import type { Answer, Verdict } from '../api/answer.ts';
import type { DamagedDelivery } from '../faults/damage.ts';
import type { FaultEffect } from '../faults/fault-effects.ts';
import type { FaultKind } from '../faults/fault-kinds.ts';
import type { ChosenFault } from '../faults/fault-schedule.ts';
import type { Arrival, Judge } from './checks.ts';
import type { TicketStatus } from '../tickets/ticket.ts';
import type { Tickets } from '../tickets/tickets.ts';

/** What a request got, and what it truly did. */
export interface Ruling {
  readonly answer: Answer;
  readonly how: 'whole' | 'silent' | 'reset' | DamagedDelivery;
  readonly verdict: Verdict;
  /** The fault that struck. */
  readonly fault: FaultKind | undefined;
  readonly counted: boolean;
  readonly applied: boolean;
  readonly from: TicketStatus | undefined;
  readonly to: TicketStatus | undefined;
}

export interface Court {
  readonly judge: Judge;
  readonly tickets: Tickets;
  readonly effects: Readonly<Record<FaultKind, FaultEffect>>;
  readonly dateOf: (at: number) => Date;
}

/**
 * Counts a request, decides what it gets, and carries it out, with the fault that was chosen for
 * it. All of that is one moment: the order of the rulings is the order of what they did.
 */
export function rule(
  { judge, tickets, effects, dateOf }: Court,
  arrival: Arrival,
  chosen: ChosenFault | undefined,
): Ruling {
  const { key, match, body, target, countedAt } = arrival;
  const effect = chosen && effects[chosen.kind];
  const ticket = match.ticketId === undefined ? undefined : tickets.get(match.ticketId);
  const to = match.kind === 'found' ? match.route.asksFor?.(body) : undefined;
  const isRead = match.kind !== 'found' || match.route.method === 'GET';
  const facts = { counted: key !== undefined, applied: false, from: ticket?.status, to };
  const conclude = (answer: Answer, more: Partial<Ruling> = {}): Ruling => ({
    ...facts,
    fault: chosen?.kind,
    how: 'whole',
    verdict: answer.verdict,
    answer,
    ...more,
  });
  const injected = (from: (FaultEffect & { at: 'judgement' })['answer']) =>
    from === 'silent'
      ? conclude({ verdict: 'not-judged', status: 0 }, { how: 'silent' })
      : conclude(from({ now: dateOf(countedAt), target }));

  if (effect?.at === 'judgement' && !effect.counts) {
    return { ...injected(effect.answer), counted: false };
  }
  const refusal = judge.count(arrival);
  if (refusal !== undefined) {
    chosen?.giveBack();
    return conclude(refusal, { fault: undefined, counted: false });
  }
  if (effect?.at === 'judgement') return injected(effect.answer);

  const act = effect?.at === 'ticket' && ticket ? effect.act : undefined;
  if (ticket !== undefined && !isRead) act?.({ ticket, tickets, to });
  const answer = judge.decide(arrival);
  if (ticket !== undefined && isRead) act?.({ ticket, tickets, to });
  if (effect !== undefined && !canStrike(effect, answer, act !== undefined)) {
    chosen?.giveBack();
    answer.effect?.();
    return conclude(answer, { fault: undefined, applied: answer.effect !== undefined });
  }
  if (effect?.at === 'effect') return conclude(answer);
  answer.effect?.();
  const applied = answer.effect !== undefined;
  if (effect?.at !== 'answer') return conclude(answer, { applied });
  const { alter = (same) => same, how = 'whole' } = effect;
  return conclude(alter(answer), { applied, how });
}

function canStrike(effect: FaultEffect, answer: Answer, hasActed: boolean): boolean {
  switch (effect.at) {
    case 'answer':
      return answer.verdict === 'ok';
    case 'effect':
      return answer.effect !== undefined;
    case 'ticket':
      return hasActed;
    default:
      return true;
  }
}
