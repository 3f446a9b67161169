import { once } from 'node:events';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createTicketWorkflow } from '@ticket-lifecycle/series';
import packageJson from '../../../package.json' with { type: 'json' };
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { NoApiKeyError } from '../../api/api-key.ts';
import { connect, type ConnectOptions } from '../../api/connect.ts';
import { exitCodes } from '../../exit-code.ts';
import { ownStdout } from '../../terminal/own-stdout.ts';
import { watchInterrupt } from '../../terminal/interrupt.ts';
import { addTools, type Api } from './tools.ts';
import type { Terminal } from '../../terminal/terminal.ts';

interface McpOptions extends ConnectOptions {
  readonly allowApply?: true | undefined;
  readonly staffUserId?: number | undefined;
  readonly context?: unknown;
  readonly definition?: string | undefined;
}

/** Serves an assistant until it goes away, or until somebody stops it. */
export async function serveMcp(options: McpOptions, terminal: Terminal): Promise<number> {
  const { output, secrets, messages } = terminal;
  const { allowApply = false, staffUserId, context } = options;
  const { lifecycle } = await loadLifecycle(options.definition, terminal);
  const api = await reach();
  const about = { name: 'ticket-lifecycle', version: packageJson.version };
  const server = new McpServer(about, { instructions: instructionsFor(allowApply) });
  addTools(server, { lifecycle, api, allowApply, staffUserId, context, secrets });

  const interrupt = watchInterrupt();
  const transport = new StdioServerTransport(process.stdin, ownStdout());
  // The protocol ends with its input; the SDK listens for everything but that.
  const gone = once(process.stdin, 'end');
  // The SDK drops what it can't read, and closes the connection for a message that is too long.
  const dropped = Promise.withResolvers<typeof isDropped>();
  Object.assign(server.server, {
    onerror(error: Error) {
      messages.show(`The connection to the assistant reports: ${onOneLine(error.message)}`);
    },
    onclose: () => dropped.resolve(isDropped),
  });
  try {
    await server.connect(transport);
    messages.show(
      `Serving the Model Context Protocol on standard input; changes are ${allowApply ? 'allowed' : 'not allowed (--allow-apply)'}.`,
    );
    const stopped = AbortSignal.any([interrupt.signal, output.closed]);
    const ended = stopped.aborted
      ? undefined
      : await Promise.race([gone, once(stopped, 'abort'), dropped.promise]);
    if (ended === isDropped) {
      messages.show('The connection was closed. Start the assistant again.');
      return exitCodes.unreadable;
    }
    await server.close();
    return interrupt.exitCode() ?? exitCodes.ok;
  } finally {
    interrupt.release();
  }

  /**
   * What needs no key works without one; the rest says that it is missing. Any other mistake in the
   * settings ends the command: who has made it looks on now, and not at the first call.
   */
  async function reach(): Promise<Api | { readonly missing: string }> {
    try {
      const client = await connect(options, terminal);
      // An assistant thinks for long: do not rely on what was read before.
      const workflow = createTicketWorkflow({ lifecycle, client, read: 'always' });
      return { client, workflow };
    } catch (error) {
      if (!(error instanceof NoApiKeyError) || allowApply) throw error;
      return { missing: error.message };
    }
  }
}

const isDropped = Symbol('dropped');

const mostLetters = 200;

/** What the SDK says of a message may be a list of all its faults, line by line. */
const onOneLine = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').slice(0, mostLetters).trim();

const instructionsFor = (allowApply: boolean): string =>
  `Support tickets follow a lifecycle. Observe a ticket before you speak about it, and ask "explain" or "plan" before you propose a change. ${
    allowApply
      ? 'People see each change that "apply" makes. If an outcome is "unknown", the change may have arrived: observe the ticket before you apply it again.'
      : 'Nothing here changes a ticket.'
  }`;
