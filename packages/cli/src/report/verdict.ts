import type { Lifecycle, Verdict } from '@ticket-lifecycle/core';
import { jsonVersion } from '../json-version.ts';
import { targetsOfEvent } from '../lifecycle/targets.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { indent, printable } from '../terminal/text.ts';

/** A verdict as plain data. */
export function verdictData(verdict: Verdict): object {
  const enabled = verdict.allowed ? undefined : verdict.enabled.map(({ event }) => event);
  return { type: 'verdict', schema: jsonVersion, ...verdict, ...(enabled && { enabled }) };
}

/** A verdict as text. */
export function verdictText(verdict: Verdict, style: Terminal['style']): string {
  const { event, from } = verdict;
  if (verdict.allowed) {
    const sends = verdict.changesStatus ? `sets the status ${verdict.status}` : 'sends nothing';
    return `${style('green', 'allowed')}  ${event}: ${from} → ${verdict.to} (${sends})`;
  }
  return blockedText(`${event} from ${from}`, verdict.blockers, style);
}

/** Something that is blocked, with every reason. */
export function blockedText(
  what: string,
  blockers: readonly { readonly code: string; readonly message: string }[],
  style: Terminal['style'],
): string {
  const reasons = blockers.map(
    ({ code, message }) => `${indent(9)}${style('dim', code)}  ${printable(message)}`,
  );
  return [`${style('yellow', 'blocked')}  ${what}`, ...reasons].join('\n');
}

/** What is possible instead of a change that is blocked. */
export function insteadText(
  { from, event, enabled }: Verdict & { readonly allowed: false },
  lifecycle: Lifecycle,
  context: unknown,
): string {
  const possible = enabled.map(
    ({ event: name, to, targets = [to] }) => `${name} (→ ${targets.join(' or ')})`,
  );
  const lines = [
    `\nPossible from ${from}: ${possible.length === 0 ? 'nothing' : possible.join(', ')}`,
  ];
  // The event may be possible elsewhere, and a path may lead to its target all the same.
  for (const to of targetsOfEvent(lifecycle, event)) {
    const plan = lifecycle.plan(from, to, { context });
    if (plan.kind === 'plan') {
      lines.push(`The path to ${to}: ${plan.steps.map((step) => step.event).join(', ')}`);
    }
  }
  return lines.join('\n');
}
