import { exitCodes } from '../../exit-code.ts';
import { jsonVersion } from '../../json-version.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { withOutbox, type OutboxPlace } from './open-outbox.ts';
import { lineOf } from './run.ts';

/** Lists every change that is still to be sent, one after the other. */
export async function listWaiting(
  options: OutboxPlace & { readonly json?: true | undefined },
  { output, messages, secrets }: Terminal,
): Promise<number> {
  return withOutbox(options, secrets, async ({ inspect }) => {
    let isEmpty = true;
    for await (const { id, key, ticketId, ...change } of inspect.waiting()) {
      isEmpty = false;
      if (options.json === true) {
        const shown = { id, key, ticketId, ...change };
        await output.printJson({ type: 'waiting', schema: jsonVersion, ...shown });
      } else await output.print(lineOf({ ticketId, ...change, key, id }));
    }
    if (isEmpty) messages.show('none');
    return exitCodes.ok;
  });
}
