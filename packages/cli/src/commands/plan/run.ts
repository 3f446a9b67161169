import { planData, planText } from '../../report/plan.ts';
import { targetNames, planTarget } from '../../lifecycle/targets.ts';
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { exitCodes } from '../../exit-code.ts';
import { checkName, checkState } from '../../lifecycle/check-name.ts';
import type { Terminal } from '../../terminal/terminal.ts';

interface PlanCommandOptions {
  readonly from: string;
  readonly to: string;
  readonly prefer?: readonly string[] | undefined;
  readonly context?: unknown;
  readonly definition?: string | undefined;
  readonly json?: true | undefined;
}

/** Finds the shortest path, and what it costs. */
export async function plan(options: PlanCommandOptions, terminal: Terminal): Promise<number> {
  const { from, to, prefer, context } = options;
  const { lifecycle } = await loadLifecycle(options.definition, terminal);
  checkState('--from', from, lifecycle);
  checkName('--to', 'state or status', to, targetNames(lifecycle));
  for (const event of prefer ?? []) checkName('--prefer', 'event', event, lifecycle.events);

  const result = lifecycle.plan(from, planTarget(lifecycle, to), { context, prefer });
  if (options.json === true) await terminal.output.printJson(planData(result));
  else await terminal.output.print(planText(result, terminal.style));
  return result.kind === 'plan' || result.kind === 'already-there'
    ? exitCodes.ok
    : exitCodes.blocked;
}
