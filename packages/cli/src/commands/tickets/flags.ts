import { Option } from '@commander-js/extra-typings';
import { wholeNumber } from '../arguments.ts';
import type { AddCommand } from '../command.ts';
import { apiKeyFile, baseUrl, profile, timeout, verbose } from '../shared-options.ts';

export const addTickets: AddCommand = (program, terminal, end) => {
  program
    .command('tickets')
    .summary('list the tickets of the workspace')
    .description(
      `Lists tickets, ten a request. Changes nothing. With -o csv or -o json the list
is a file that replay and the sandbox can read. In CSV a department or subject
that a spreadsheet would take for a formula begins with an apostrophe.`,
    )
    .option('--status <status>', 'those in this status only')
    .option('--department <name>', 'those of this department only')
    .option('--staff-user-id <n>', 'those that this person has claimed', wholeNumber(1))
    .option('--limit <n>', 'so many at most', wholeNumber(1))
    .addOption(
      new Option('-o, --output <form>', 'how to print them (default: table)').choices([
        'table',
        'csv',
        'json',
      ]),
    )
    .addOption(baseUrl())
    .addOption(apiKeyFile())
    .addOption(profile())
    .addOption(timeout())
    .addOption(verbose())
    .addHelpText(
      'after',
      '\nExample:\n  $ ticket-lifecycle tickets --status open -o csv --base-url http://127.0.0.1:4010',
    )
    .action(async (options) => {
      const { tickets } = await import('./run.ts');
      const { withProfile } = await import('../../api/profile.ts');
      const filled = await withProfile(options, terminal);
      end(await tickets(filled, terminal));
    });
};
