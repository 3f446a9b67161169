import { Option, type Command, type OptionValues } from '@commander-js/extra-typings';
import { historyFormats } from '@ticket-lifecycle/internal/histories/sniff';
import { repeated } from './arguments.ts';
import { allowEmpty, timeZone } from './shared-options.ts';

const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;

/**
 * Adds the options that say how the histories of a log are read: every command that reads a log
 * takes all of them. `histories/read-log.ts` reads by them.
 */
export const withLogOptions = <Args extends unknown[], Given extends OptionValues>(
  command: Command<Args, Given>,
) =>
  command
    .optionsGroup('Columns of the log:')
    .option('--id <column>', 'the column that names the ticket; issue.number reaches into objects')
    .option('--state <column>', 'the column with its state')
    .option('--from <column>', 'of rows that name a change: the column with the state before')
    .option('--to <column>', 'and the column with the state after')
    .option('--time <column>', 'the column with the time: sorts the rows by it')
    .optionsGroup('Its rows and values:')
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
    .addOption(
      new Option('--order <order>', 'the order of the rows of a ticket, without --time').choices([
        'oldest-first',
        'newest-first',
      ] as const),
    )
    .optionsGroup('Its file:')
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
    .addOption(allowEmpty());

/** What the file of a log is. A command that also draws has a `--format` of its own. */
export const logFormat = () =>
  new Option('--format <format>', 'what the file is').choices(historyFormats);
