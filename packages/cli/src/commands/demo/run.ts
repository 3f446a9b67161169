import { readFile } from 'node:fs/promises';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import { startSandbox, type SandboxRecord } from '@ticket-lifecycle/sandbox';
import { createSeriesClient } from '@ticket-lifecycle/series';
import { documentedLimit } from '@ticket-lifecycle/series/limiter';
import { sandboxKey } from '../../api/api-key.ts';
import { demoFile } from '../../demo-file.ts';
import { exitCodes } from '../../exit-code.ts';
import { openInput } from '../../rows/input.ts';
import { recordText } from '../sandbox/record-text.ts';
import { maxWaitMs, runChanges, type Run } from '../../bulk/run-changes.ts';
import { costText, runText } from '../../bulk/run-summary.ts';
import { jsonVersion } from '../../json-version.ts';
import { readTickets } from '../sandbox/tickets-file.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { count, percent, several } from '../../terminal/text.ts';

/** What a demonstration shows. */
export interface DemoOptions {
  readonly json?: boolean | undefined;
  /** @defaultValue the API's own limit, 25 */
  readonly requestsPerSecond?: number;
}

/** Applies our own file of changes to a sandbox of our own, and says what that has shown. */
export async function runDemo(
  { json = false, requestsPerSecond = documentedLimit }: DemoOptions,
  terminal: Terminal,
): Promise<number> {
  const { messages, output, style } = terminal;
  const tickets = await readTickets(demoFile('tickets.ndjson'), messages);
  const { url, sandbox, close } = await startSandbox({ tickets, requestsPerSecond });
  try {
    const file = demoFile('changes.ndjson');
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n').length;
    const input = { ...(await openInput(file, output.closed)), lines };
    messages.show(introduction(lines, tickets.length, requestsPerSecond));
    const client = createSeriesClient({
      apiKey: sandboxKey,
      baseUrl: url,
      requestsPerSecond,
      maxWaitMs,
    });
    const signal = output.closed;
    const lifecycle = ticketLifecycle;
    const stop = () => {};
    const run = await runChanges(input, { lifecycle, client, terminal, json, signal, stop });
    const record = sandbox.record();
    if (json) {
      const { unreadableLines: _, ...summary } = run;
      await output.printJson({ type: 'summary', schema: jsonVersion, ...summary, sandbox: record });
    } else {
      const title = (text: string) => style('bold', text);
      await output.print(`${title(costText(run))}\n\n${runText(run, style)}\n`);
      await output.print(`${title("The sandbox's own record")}\n`);
      await output.print(`${recordText(record, requestsPerSecond)}\n\n${conclusion(run, record)}`);
    }
    return exitCodes.ok;
  } finally {
    await close();
  }
}

function introduction(lines: number, tickets: number, requestsPerSecond: number): string {
  return `A file asks for ${several(lines, 'change')} of ${several(tickets, 'support ticket')}; some are forbidden, some broken.
ticket-lifecycle stops those, sends the others at the ${count(requestsPerSecond)} requests per second that Series allows,
and knows how each one ended. This is a sandbox: nothing leaves your machine.
`;
}

function conclusion({ outcomes, unreadable }: Run, record: SandboxRecord): string {
  const { blocked, confirmed } = outcomes;
  const { systemMessages, limited, steadyUse = 0 } = record;
  const limits = limited === 0 ? 'without a single 429' : `with ${several(limited, '429')}`;
  const messages =
    systemMessages === confirmed
      ? 'each with exactly one system message'
      : `${count(systemMessages)} messages`;
  return `${several(blocked, 'forbidden change')} were stopped before they cost a write, ${several(unreadable, 'broken line')} before they were guessed at.
${count(confirmed)} changes arrived, ${messages}, at ${percent(steadyUse)} of the allowed rate and ${limits}.

Try it with your own: ticket-lifecycle replay --help, ticket-lifecycle apply --help`;
}
