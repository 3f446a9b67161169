import { repeated } from '../arguments.ts';
import { heard } from '../../terminal/terminal.ts';
import type { AddCommand } from '../command.ts';
import { logFormat, withLogOptions } from '../log-options.ts';
import { definition, quiet } from '../shared-options.ts';

export const addReplay: AddCommand = (program, terminal, end) => {
  const command = program
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
    .argument('<file>', 'a file with histories, or - for standard input');
  withLogOptions(command)
    .addOption(logFormat())
    .optionsGroup('Report:')
    .option('--by <column>', 'a column to compare groups by; the first row of a ticket counts')
    .option('--complete', 'the log holds every change: several steps at once are skipped ones')
    .option(
      '--sla <promise>',
      'how long a visit may take: open=8h,resolved=2d (needs --time)',
      repeated,
    )
    .option(
      '--list <file>',
      'write the tickets that do not follow the lifecycle, with their lines, and the first 1,000 times that are not readable',
    )
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
