import { insteadText, verdictData, verdictText } from '../../report/verdict.ts';
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { checkName, checkState } from '../../lifecycle/check-name.ts';
import type { Terminal } from '../../terminal/terminal.ts';

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
  const { lifecycle } = await loadLifecycle(options.definition, terminal);
  checkState('--from', from, lifecycle);
  if (event !== undefined) checkName('--event', 'event', event, lifecycle.events);
  const asked = event === undefined ? lifecycle.events : [event];
  const carried = payloadOf(payload);
  const verdicts = asked.map((type) => lifecycle.explain(from, { ...carried, type }, context));

  for (const verdict of verdicts) {
    if (options.json === true) await terminal.output.printJson(verdictData(verdict));
    else await terminal.output.print(verdictText(verdict, terminal.style));
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
