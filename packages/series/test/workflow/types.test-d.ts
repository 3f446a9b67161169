import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createSeriesClient, createTicketWorkflow, toOutcomeRecord } from '../../src/index.ts';

const client = createSeriesClient({ apiKey: 'sk-1' });
const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });

/** The states and events of a lifecycle come out of its workflow as they went in. */
export async function typed(): Promise<unknown[]> {
  const outcome = await workflow.apply('T-1', 'START', { staffUserId: 7 });
  const move = await workflow.moveTo('T-1', 'closed', { staffUserId: 7 });
  const settled = await workflow.settle('T-1', 'START', {});
  const sure = await workflow.applyOrThrow('T-1', 'START', { staffUserId: 7 });
  const seen = await workflow.observe('T-1');
  const verdict = await workflow.explain('T-1', 'START');
  const position = await workflow.where('T-1');
  const [choice] = await workflow.enabled('T-1');
  const record = toOutcomeRecord(outcome);
  return [
    // @ts-expect-error -- no such state
    outcome.from === 'opne',
    // @ts-expect-error -- no such event
    outcome.event === 'STRAT',
    // @ts-expect-error -- no such state
    outcome.kind === 'blocked' && outcome.enabled[0]?.to === 'opne',
    // @ts-expect-error -- no such state
    move.from === 'opne',
    // @ts-expect-error -- no such state
    move.outcome.to === 'opne',
    // @ts-expect-error -- no such state
    settled.to === 'opne',
    // @ts-expect-error -- no such state
    sure.to === 'opne',
    // @ts-expect-error -- no such state
    seen.state === 'opne',
    // @ts-expect-error -- no such state
    verdict.from === 'opne',
    // @ts-expect-error -- no such state
    position.state === 'opne',
    // @ts-expect-error -- no such event
    choice?.event === 'STRAT',
    // @ts-expect-error -- no such state
    record.from === 'opne',
    outcome.from === 'open' && outcome.event === 'START' && position.state === 'closed',
  ];
}
