import { json } from '../arguments.ts';
import type { AddCommand } from '../command.ts';
import { context, definition } from '../shared-options.ts';

export const addExplain: AddCommand = (program, terminal, end) => {
  program
    .command('explain')
    .summary('say whether a change is allowed, and if not, every reason why')
    .description(
      `Says whether an event is allowed in a state, and if not, every reason why, and
what would be possible instead. Without --event it says so of every event.
Sends nothing.`,
    )
    .requiredOption('--from <state>', 'the state of the ticket (required)')
    .option('--event <event>', 'what is to happen')
    .addOption(context())
    .option('--payload <json>', 'what the event carries, as an object', json)
    .addOption(definition())
    .option('--json', 'print an object for every verdict')
    .addHelpText('after', '\nExample:\n  $ ticket-lifecycle explain --from closed --event RESOLVE')
    .action(async (options) => {
      const { explain } = await import('./run.ts');
      end(await explain(options, terminal));
    });
};
