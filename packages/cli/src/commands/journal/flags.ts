import { Option } from '@commander-js/extra-typings';
import { outcomeKinds } from '../../journal/line-outcome.ts';
import { list } from '../arguments.ts';
import type { AddCommand } from '../command.ts';

export const addJournal: AddCommand = (program, terminal, end) => {
  const journal = program
    .command('journal')
    .summary('show what a run has written down')
    .description(
      `Shows what "apply" has written down in a journal: how each line ended, and why.
Changes nothing.`,
    )
    .addHelpText(
      'after',
      `
Example:
  $ ticket-lifecycle journal show changes.csv.20261125-093000.journal --kind unknown
  $ ticket-lifecycle journal why TICKET-1 changes.csv.*.journal`,
    );
  journal
    .command('show <journal>')
    .description('Shows how each line ended, in the order of the file.')
    .addOption(
      new Option('--kind <kind>', 'these outcomes only; open: begun, and not ended').choices([
        ...outcomeKinds,
        'unreadable',
        'open',
      ]),
    )
    .option('--only <tickets>', 'these tickets only; * stands for anything', list)
    .option('--json', 'print an object for every line')
    .action(async (file, options) => {
      const { showJournal } = await import('./run.ts');
      end(await showJournal(file, options, terminal));
    });
  journal
    .command('why <ticket> <journal...>')
    .description('Shows all entries of a ticket, in the order in which they were written.')
    .option('--json', 'print an object for every entry')
    .action(async (ticket, files, options) => {
      const { whyJournal } = await import('./run.ts');
      end(await whyJournal(ticket, files, options, terminal));
    });
};
