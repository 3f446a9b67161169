import { repeated } from '../arguments.ts';
import type { AddCommand } from '../command.ts';
import { allowEmpty, definition, format } from '../shared-options.ts';

export const addReplay: AddCommand = (program, terminal, end) => {
  program
    .command('replay')
    .summary('check the histories of real tickets')
    .description(
      `Checks the histories of real tickets: which changes of status are steps of the
lifecycle, which are several at once, and which nothing explains. Sends nothing.

The rows of a ticket stand in order of time. What --json prints is a file for
"apply --plan".`,
    )
    .argument('<file>', 'a CSV or NDJSON file, or - for standard input')
    .requiredOption('--id <column>', 'the column that names the ticket')
    .requiredOption('--state <column>', 'the column with its state')
    .option(
      '--map <pairs>',
      'what the states mean here: VALUE=STATUS,…; * stands for anything',
      repeated,
    )
    .option('--complete', 'the log holds every change: several steps at once are skipped ones')
    .addOption(definition())
    .addOption(format())
    .addOption(allowEmpty())
    .option('--json', 'print an object for every change, and a summary as the last')
    .addHelpText(
      'after',
      `
Example:
  $ ticket-lifecycle replay log.csv --id number --state incident_state \\
      --map 'New=open,Active=in-progress,Awaiting *=in-progress,Resolved=resolved,Closed=closed'`,
    )
    .action(async (file, options) => {
      const { replay } = await import('./run.ts');
      end(await replay(file, options, terminal));
    });
};
