import type { AddCommand } from '../command.ts';
import {
  apiKeyFile,
  baseUrl,
  context,
  definition,
  profile,
  timeout,
  verbose,
} from '../shared-options.ts';

export const addObserve: AddCommand = (program, terminal, end) => {
  program
    .command('observe')
    .summary('read the status of tickets, and name what others have changed')
    .description(
      `Reads tickets, and says where each stands and what could be done with it now.
With --from it names the change that somebody else has made since: a step of
the lifecycle, several, or one that nothing explains. Changes nothing.`,
    )
    .argument('<ticket...>', 'their ids')
    .option('--from <state>', 'the status, or own state, in which they were seen last')
    .addOption(context())
    .addOption(baseUrl())
    .addOption(apiKeyFile())
    .addOption(profile())
    .addOption(timeout())
    .addOption(verbose())
    .addOption(definition())
    .option('--json', 'print an object for every ticket')
    .addHelpText(
      'after',
      '\nExample:\n  $ ticket-lifecycle observe TICKET-1 TICKET-2 --from open --base-url http://127.0.0.1:4010',
    )
    .action(async (tickets, options) => {
      const { observe } = await import('./run.ts');
      const { withProfile } = await import('../../api/profile.ts');
      const filled = await withProfile(options, terminal);
      end(await observe(tickets, filled, terminal));
    });
};
