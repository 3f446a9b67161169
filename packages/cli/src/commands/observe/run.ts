import { observationText, readObservation } from '../../report/observation.ts';
import { SeriesError, ticketIdSchema } from '@ticket-lifecycle/series';
import { CliError } from '../../cli-error.ts';
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { connect, type ConnectOptions } from '../../api/connect.ts';
import { exitCodes, mostUrgent } from '../../exit-code.ts';
import { readFailureCode } from '../../api/read-failure-code.ts';
import { watchInterrupt } from '../../terminal/interrupt.ts';
import { checkName } from '../../lifecycle/check-name.ts';
import { targetNames } from '../../lifecycle/targets.ts';
import { jsonError } from '../../terminal/json-error.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { printable } from '../../terminal/text.ts';

interface ObserveOptions extends ConnectOptions {
  readonly from?: string | undefined;
  readonly context?: unknown;
  readonly definition?: string | undefined;
  readonly json?: true | undefined;
}

/** Reads tickets, and says where they stand. */
export async function observe(
  tickets: readonly string[],
  options: ObserveOptions,
  terminal: Terminal,
): Promise<number> {
  const { from, context, json } = options;
  const { lifecycle } = await loadLifecycle(options.definition, terminal);
  if (from !== undefined) checkName('--from', 'status or state', from, targetNames(lifecycle));
  for (const ticketId of tickets) checkId(ticketId);
  const client = await connect(options, terminal);
  const interrupt = watchInterrupt();
  const { output, messages } = terminal;
  let worst: number = exitCodes.ok;
  try {
    for (const ticketId of tickets) {
      if (interrupt.signal.aborted) break;
      try {
        const seen = await readObservation(ticketId, {
          client,
          lifecycle,
          from,
          context,
          signal: interrupt.signal,
        });
        if (json === true) await output.printJson(seen);
        else await output.print(observationText(seen, terminal.style));
      } catch (error) {
        if (!SeriesError.is(error)) throw error;
        const code = readFailureCode(error);
        worst = mostUrgent([worst, code]);
        const { message } = error;
        if (json === true) messages.show(jsonError({ code, ticketId, message }));
        else messages.show(`${ticketId}: ${printable(message)}`);
      }
    }
    return interrupt.exitCode() ?? worst;
  } finally {
    interrupt.release();
  }
}

function checkId(ticketId: string): void {
  const { error } = ticketIdSchema.safeParse(ticketId);
  if (error === undefined) return;
  // It may be the key in the wrong place: it is not repeated.
  throw new CliError(`Invalid ticket id: ${error.issues[0]?.message ?? 'it can not be used'}.`);
}
