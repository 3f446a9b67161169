import { Option } from '@commander-js/extra-typings';
import { list, repeated, share, wholeNumber } from '../arguments.ts';
import { exitCodesHelp } from '../../exit-code.ts';
import { heard } from '../../terminal/terminal.ts';
import type { AddCommand } from '../command.ts';
import {
  allowEmpty,
  apiKeyFile,
  baseUrl,
  context,
  definition,
  format,
  profile,
  timeout,
  verbose,
  quiet,
} from '../shared-options.ts';

export const addApply: AddCommand = (program, terminal, end) => {
  program
    .command('apply')
    .summary('apply the changes of a file to Series, or to a sandbox')
    .description(
      `Applies the changes of a CSV or NDJSON file, those of a ticket in their order.
A line has ticketId, staffUserId, event or to, and from where it is known:

  {"ticketId":"TICKET-1","event":"START","staffUserId":7}
  {"ticketId":"TICKET-1","to":"resolved","from":"in-progress","staffUserId":7}

"to" means the one event that leads there. Where the ticket is further away
the change is blocked; with --plan the whole path is taken. Without "from" the
ticket is read before its first change. "from" is believed; with --read always
the ticket is read before each change, and one that stands elsewhere is blocked
as stale.

Every outcome is written down in a journal beside the file, so that a run which
was cut off, by Ctrl-C or by a crash, goes on exactly there: --resume JOURNAL.
A file that was applied before is not applied once more without --again. One
that was edited, and repeats lines of a run before, needs --read always or
--again.`,
    )
    .argument('[file]', 'the file, or - for standard input')
    .option('--plan', 'take the legal path to a status that is several steps away')
    .addOption(
      new Option(
        '--read <when>',
        'when to read a ticket before its change; always: "from" has to fit it',
      ).choices(['always', 'when-unknown']),
    )
    .option('--staff-user-id <n>', 'the staff member, for lines that have none', wholeNumber(1))
    .option('--dry-run', 'check every line and say what it would cost; send nothing')
    .option('--only <tickets>', 'these tickets only; * stands for anything', list)
    .option('--where <condition>', 'lines with FIELD=VALUE or FIELD!=VALUE only; * too', repeated)
    .addOption(baseUrl())
    .addOption(apiKeyFile())
    .addOption(profile())
    .option('--yes', 'change real tickets without asking')
    .option('--again', 'apply a file, or lines of it, once more that were applied before')
    .option('--journal <file>', 'where to write down every outcome; else beside the file')
    .option('--no-journal', 'write nothing down: what is cut off can not go on')
    .addOption(
      new Option('--resume <journal>', 'go on with a run that was cut off').conflicts([
        'journal',
        'dryRun',
      ]),
    )
    .option('--concurrency <n>', 'lines under way at once (default: 100)', wholeNumber(1, 10_000))
    .option('--max-errors <n>', 'stop after so many lines that did not get through', wholeNumber(1))
    .option('--rate-share <share>', "the part of the key's budget to use, such as 0.5", share)
    .option('--requests-per-second <n>', "the key's budget (default: 25)", wholeNumber(1))
    .addOption(timeout())
    .addOption(verbose())
    .addOption(quiet().conflicts('verbose'))
    .addOption(context())
    .addOption(definition())
    .addOption(format())
    .addOption(allowEmpty())
    .option('--failed <file>', 'write the lines that did not arrive, with reasons, to apply again')
    .option('--report <file>', 'write a page of HTML about the run, or the dry run')
    .option('--json', 'print an object for every outcome, and a summary as the last')
    .addHelpText(
      'after',
      `${exitCodesHelp}\n\nExample:\n  $ ticket-lifecycle apply changes.csv --base-url http://127.0.0.1:4010`,
    )
    .action(async (file, options) => {
      const told = heard(terminal, options);
      if (options.dryRun === true) {
        const { dryRun } = await import('./dry-run.ts');
        return end(await dryRun(file, options, told));
      }
      const { apply } = await import('./run.ts');
      return end(await apply(file, options, told));
    });
};
