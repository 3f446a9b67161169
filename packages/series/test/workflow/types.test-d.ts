import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createActor } from 'xstate';
import {
  createSeriesClient,
  createTicketWorkflow,
  ticketActor,
  toOutcomeRecord,
  toProblem,
  type TicketWorkflow,
  type WorkflowEvent,
} from '../../src/index.ts';

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

/** A workflow of certain states is one of any. */
export const anyWorkflow: TicketWorkflow = workflow;
export const anyApply: Pick<TicketWorkflow, 'apply' | 'on'> = workflow;

/** So do those of its events, of what is about to be sent, of its problems and of its actors. */
export async function typedBeside(): Promise<unknown[]> {
  const found: unknown[] = [];
  workflow.on((event) => {
    // @ts-expect-error -- no such event
    found.push(event.type === 'asked' && event.event === 'STRAT');
    // @ts-expect-error -- no such state
    found.push(event.type === 'allowed' && event.from === 'opne');
    // @ts-expect-error -- no such event
    found.push(event.type === 'blocked' && event.event === 'STRAT');
    // @ts-expect-error -- no such state
    found.push(event.type === 'ended' && event.outcome.to === 'opne');
    const seen =
      event.type === 'observed' && event.change.kind === 'edge' ? event.change : undefined;
    // @ts-expect-error -- no such event
    found.push(seen?.events[0] === 'STRAT');
    found.push(event.type === 'allowed' && event.to === 'closed');
  });
  workflow.on((event: WorkflowEvent) => found.push(event.type));
  const outcome = await workflow.apply('T-1', 'START', {
    staffUserId: 7,
    beforeSend: ({ from, event }) => {
      // @ts-expect-error -- no such state
      found.push(from === 'opne');
      // @ts-expect-error -- no such event
      found.push(event === 'STRAT');
    },
  });
  const problem = toProblem(outcome);
  const record = toOutcomeRecord(outcome);
  const actor = createActor(ticketActor(workflow), { input: { ticketId: 'T-1', state: 'open' } });
  const { state, outcome: ended, pending } = actor.getSnapshot().context;
  // @ts-expect-error -- no such state
  createActor(ticketActor(workflow), { input: { ticketId: 'T-1', state: 'opne' } });
  // @ts-expect-error -- no such state
  actor.send({ type: 'START', from: 'opne' });
  return [
    ...found,
    // @ts-expect-error -- no such state
    problem?.from === 'opne',
    // @ts-expect-error -- no such event
    problem?.enabled?.includes('STRAT'),
    // @ts-expect-error -- no such code
    problem?.blockers?.[0]?.code === 'gaurd',
    // @ts-expect-error -- no such reason
    record.kind === 'not-sent' && record.error.reason === 'timout',
    // @ts-expect-error -- no such code
    record.kind === 'refused' && record.error.code === 'unauthorised',
    // @ts-expect-error -- no such state
    state === 'opne',
    // @ts-expect-error -- no such state
    ended?.to === 'opne',
    // @ts-expect-error -- no such event
    pending?.event === 'STRAT',
  ];
}
