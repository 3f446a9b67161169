import type { AllowedTransition, Lifecycle, PlanResult } from '@ticket-lifecycle/core';
import { ticketStatuses, type TicketStatus } from '@ticket-lifecycle/core';
import { loadDefinition } from '../../lifecycle/load-lifecycle.ts';
import { exitCodes } from '../../exit-code.ts';
import { checkName } from '../../lifecycle/check-name.ts';
import { schema } from '../../json-version.ts';
import { indent, printable, several, type Terminal } from '../../terminal/terminal.ts';

interface PlanCommandOptions {
  readonly from: string;
  readonly to: string;
  readonly prefer?: readonly string[] | undefined;
  readonly context?: unknown;
  readonly definition?: string | undefined;
  readonly json?: true | undefined;
}

/** Finds a way, and says what it costs. */
export async function plan(options: PlanCommandOptions, terminal: Terminal): Promise<number> {
  const { from, to, prefer, context } = options;
  const { lifecycle } = await loadDefinition(options.definition);
  checkName('--from', from, lifecycle.states);
  checkName('--to', to, targetsOf(lifecycle));
  for (const event of prefer ?? []) checkName('--prefer', event, lifecycle.events);

  const result = lifecycle.plan(from, targetOf(lifecycle, to), { context, prefer });
  if (options.json === true) await terminal.output.printJson(toPlain(result));
  else await terminal.output.print(planText(result, terminal.style));
  return result.kind === 'plan' || result.kind === 'already-there'
    ? exitCodes.ok
    : exitCodes.blocked;
}

/** Names that a way can lead to: a state by its own, or any state of a status. */
export function targetsOf({ states }: Lifecycle): string[] {
  return [...new Set([...states, ...ticketStatuses])];
}

/** A state goes before the status of the same name. */
export function targetOf(lifecycle: Lifecycle, to: string) {
  return lifecycle.isState(to) ? to : { status: to as TicketStatus };
}

/** A plan as plain data, with what it costs. */
export function toPlain(result: PlanResult): object {
  return { type: 'plan', schema, ...result };
}

function planText(result: PlanResult, style: Terminal['style']): string {
  const { from, to } = result;
  switch (result.kind) {
    case 'plan': {
      const { statusChanges } = result;
      const title = `${several(result.steps.length, 'step')} from ${from} to ${result.to}, ${several(statusChanges, 'request')}`;
      return [style('bold', title), ...stepsText(result.steps)].join('\n');
    }
    case 'already-there':
      return `${from} is there already: nothing to send.`;
    case 'unreachable':
      return `${style('yellow', 'unreachable')}  No way leads from ${from} to ${to}.`;
    case 'blocked': {
      const reasons = result.blockers.map(
        ({ code, message }) => `${indent(9)}${style('dim', code)}  ${printable(message)}`,
      );
      return [`${style('yellow', 'blocked')}  ${from} → ${to}`, ...reasons].join('\n');
    }
    case 'ambiguous': {
      const ways = result.candidates.map((way, index) =>
        [`  way ${index + 1}`, ...stepsText(way).map((line) => `  ${line}`)].join('\n'),
      );
      const title = `${style('yellow', 'ambiguous')}  Equally short ways lead from ${from} to ${to}. Say which with --prefer.`;
      return [title, ...ways].join('\n');
    }
  }
}

function stepsText(steps: readonly AllowedTransition[]): string[] {
  const width = Math.max(...steps.map(({ event }) => event.length));
  return steps.map(({ event, from, to, changesStatus }) => {
    const note = changesStatus ? '' : '  (sends nothing)';
    return `  ${event.padEnd(width)}  ${from} → ${to}${note}`;
  });
}
