import type { AllowedTransition, PlanResult } from '@ticket-lifecycle/core';
import { jsonVersion } from '../json-version.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { several } from '../terminal/text.ts';
import { blockedText } from './verdict.ts';

/** A plan as plain data, with what it costs. */
export function planData(result: PlanResult): object {
  return { type: 'plan', schema: jsonVersion, ...result };
}

/** A plan as text. */
export function planText(result: PlanResult, style: Terminal['style']): string {
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
      return `${style('yellow', 'unreachable')}  There is no path from ${from} to ${to}.`;
    case 'blocked':
      return blockedText(`${from} → ${to}`, result.blockers, style);
    case 'ambiguous': {
      const paths = result.candidates.map((path, index) =>
        [`  path ${index + 1}`, ...stepsText(path).map((line) => `  ${line}`)].join('\n'),
      );
      const title = `${style('yellow', 'ambiguous')}  Several paths from ${from} to ${to} are equally short. Choose one with --prefer.`;
      return [title, ...paths].join('\n');
    }
  }
}

function stepsText(steps: readonly AllowedTransition[]): string[] {
  const width = Math.max(...steps.map(({ event }) => event.length));
  return steps.map(({ event, from, to, changesStatus, targets = [] }) => {
    const others = targets.filter((target) => target !== to).join(' or ');
    const notes = [
      ...(changesStatus ? [] : ['sends nothing']),
      ...(others === '' ? [] : [`its data may lead to ${others} instead`]),
    ];
    const note = notes.length === 0 ? '' : `  (${notes.join('; ')})`;
    return `  ${event.padEnd(width)}  ${from} → ${to}${note}`;
  });
}
