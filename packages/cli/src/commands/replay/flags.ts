import { Option } from '@commander-js/extra-typings';
import { repeated } from '../arguments.ts';
import { heard } from '../../terminal/terminal.ts';
import type { AddCommand } from '../command.ts';
import { allowEmpty, definition, quiet, timeZone } from '../shared-options.ts';

const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;

export const addReplay: AddCommand = (program, terminal, end) => {
  program
    .command('replay')
    .summary('check and measure the histories of real tickets')
    .description(
      `Checks the histories of real tickets: which tickets follow the lifecycle, which
changes are steps of it, which are several at once, and which nothing explains.
With --time it also says where tickets wait and how long, and what the clocks of
the lifecycle's meta.sla show. Sends nothing.

The file is CSV (any delimiter), NDJSON, JSON or XES. Its format is recognised.
Columns that you do not name are found by their names and values. Without --time,
the rows of a ticket must be in order of time. What --json prints is a file for
"apply --plan".`,
    )
    .argument('<file>', 'a file with histories, or - for standard input')
    .optionsGroup('Columns:')
    .option('--id <column>', 'the column that names the ticket; issue.number reaches into objects')
    .option('--state <column>', 'the column with its state')
    .option('--from <column>', 'of rows that name a change: the column with the state before')
    .option('--to <column>', 'and the column with the state after')
    .option('--time <column>', 'the column with the time: sorts the rows by it, and measures')
    .option('--by <column>', 'a column to compare groups by; the first row of a ticket counts')
    .optionsGroup('Rows and values:')
    .option(
      '--map <pairs>',
      'what the states mean here: VALUE=STATE,… or @FILE; * stands for anything',
      repeated,
    )
    .option(
      '--ignore <value>',
      'pass over rows with this state; * stands for anything, \'""\' for none',
      repeated,
    )
    .option('--where <condition>', 'only rows with COLUMN=VALUE or COLUMN!=VALUE', repeated)
    .option('--complete', 'the log holds every change: several steps at once are skipped ones')
    .addOption(
      new Option('--order <order>', 'the order of the rows of a ticket, without --time').choices([
        'oldest-first',
        'newest-first',
      ] as const),
    )
    .optionsGroup('The file:')
    .addOption(
      new Option('--format <format>', 'what the file is').choices([
        'csv',
        'ndjson',
        'json',
        'xes',
      ] as const),
    )
    .addOption(
      new Option('--delimiter <name>', 'the sign between cells').choices([
        'comma',
        'semicolon',
        'tab',
        'pipe',
      ] as const),
    )
    .addOption(new Option('--encoding <name>', 'how its letters are written').choices(encodings))
    .option('--no-header', 'the first row is data: columns are called 1, 2, 3')
    .addOption(
      new Option('--dates <order>', 'what comes first in 03/04/2026').choices([
        'day-first',
        'month-first',
      ] as const),
    )
    .addOption(timeZone())
    .addOption(allowEmpty())
    .optionsGroup('Report:')
    .option('--sla <promise>', 'how long a visit may take: open=8h (needs --time)', repeated)
    .option('--list <file>', 'write the tickets that do not follow the lifecycle, with their lines')
    .option('--html <file>', 'write the report as a page')
    .option('--fail-on <condition>', "end with 1 on this, such as 'skipped>1%' or misfit", repeated)
    .option('--json', 'print an object for every change, and a summary as the last')
    .addOption(quiet())
    .addOption(definition())
    .addHelpText(
      'after',
      `
Conditions of --fail-on, alone or with a bound such as >10 or >1%:
  unknown, jump, skipped                  changes
  misfit, begins-elsewhere, reopened      tickets
  late (visits), breached (clocks), unmapped, unreadable (rows)

Example:
  $ ticket-lifecycle replay log.csv --id number --state incident_state \\
      --map 'New=open,Active=in-progress,Awaiting *=in-progress,Resolved=resolved,Closed=closed'`,
    )
    .action(async (file, options) => {
      const { replay } = await import('./run.ts');
      end(await replay(file, options, heard(terminal, options)));
    });
};
