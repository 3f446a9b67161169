import type { Lifecycle, Verdict } from '@ticket-lifecycle/core';
import { loadDefinition } from '../../lifecycle/load-lifecycle.ts';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { schema } from '../../json-version.ts';
import { checkName } from '../../lifecycle/check-name.ts';
import { indent, printable, type Terminal } from '../../terminal/terminal.ts';

interface ExplainOptions {
  readonly from: string;
  readonly event?: string | undefined;
  readonly context?: unknown;
  readonly payload?: unknown;
  readonly definition?: string | undefined;
  readonly json?: true | undefined;
}

/** Says whether events are allowed in a state, with every reason against those that are not. */
export async function explain(options: ExplainOptions, terminal: Terminal): Promise<number> {
  const { from, event, context, payload } = options;
  const { lifecycle } = await loadDefinition(options.definition);
  checkName('--from', from, lifecycle.states);
  if (event !== undefined) checkName('--event', event, lifecycle.events);
  const asked = event === undefined ? lifecycle.events : [event];
  const carried = payloadOf(payload);
  const verdicts = asked.map((type) => lifecycle.explain(from, { ...carried, type }, context));

  for (const verdict of verdicts) {
    if (options.json === true) await terminal.output.printJson(toPlain(verdict));
    else await terminal.output.print(explainText(verdict, terminal.style));
  }
  const [first] = verdicts;
  if (options.json !== true && event !== undefined && first?.allowed === false) {
    await terminal.output.print(insteadText(first, lifecycle, context));
  }
  return event === undefined || first?.allowed === true ? exitCodes.ok : exitCodes.blocked;
}

function payloadOf(payload: unknown): object {
  if (payload === undefined) return {};
  if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) return payload;
  throw new CliError(`--payload: It takes an object, such as '{"reason":"duplicate"}'.`);
}

/** A verdict as plain data. */
export function toPlain(verdict: Verdict): object {
  return verdict.allowed
    ? { type: 'verdict', schema, ...verdict }
    : { type: 'verdict', schema, ...verdict, enabled: verdict.enabled.map(({ event }) => event) };
}

function explainText(verdict: Verdict, style: Terminal['style']): string {
  const { event, from } = verdict;
  if (verdict.allowed) {
    const sends = verdict.changesStatus ? `sets the status ${verdict.status}` : 'sends nothing';
    return `${style('green', 'allowed')}  ${event}: ${from} → ${verdict.to} (${sends})`;
  }
  const reasons = verdict.blockers.map(
    ({ code, message }) => `${indent(9)}${style('dim', code)}  ${printable(message)}`,
  );
  return [`${style('yellow', 'blocked')}  ${event} from ${from}`, ...reasons].join('\n');
}

function insteadText(
  { from, event, enabled }: Verdict & { readonly allowed: false },
  lifecycle: Lifecycle,
  context: unknown,
): string {
  const possible = enabled.map((way) => `${way.event} (→ ${way.to})`);
  const lines = [
    `\nPossible from ${from}: ${possible.length === 0 ? 'nothing' : possible.join(', ')}`,
  ];
  // Where the event would lead from elsewhere, there may still be a way.
  const targets = lifecycle.states.filter((to) =>
    lifecycle.states.some((state) => lifecycle.eventsBetween(state, to).includes(event)),
  );
  for (const to of targets) {
    const plan = lifecycle.plan(from, to, { context });
    if (plan.kind === 'plan') {
      lines.push(`The way to ${to}: ${plan.steps.map((step) => step.event).join(', ')}`);
    }
  }
  return lines.join('\n');
}
