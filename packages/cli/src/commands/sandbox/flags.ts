import { Option } from '@commander-js/extra-typings';
import type { LimitAlgorithm } from '@ticket-lifecycle/sandbox';
import { CliError } from '../../cli-error.ts';
import { repeated, share, wholeNumber } from '../arguments.ts';
import type { AddCommand } from '../command.ts';

const limits = [
  'sliding-log',
  'fixed-window',
  'token-bucket',
  'leaky-bucket',
  'one-at-a-time',
  'none',
] as const satisfies readonly (LimitAlgorithm | 'none')[];

export const addSandbox: AddCommand = (program, terminal, end) => {
  program
    .command('sandbox')
    .summary('run the Series ticket API on this machine')
    .description(
      `Runs the Series ticket API on this machine, until Ctrl-C. Then it prints what it
has seen: requests, 429s, the fullest second, and where the tickets stand.
Opened in a browser, it shows what comes in, and has a switch for every fault.`,
    )
    .option('--port <n>', 'where to listen; 0 takes any free port', wholeNumber(0, 65_535), 4010)
    .option(
      '--tickets <file>',
      'CSV or NDJSON with ticketId, and status or from; such as your changes',
    )
    .option('--requests-per-second <n>', 'the limit of each key', wholeNumber(1), 25)
    .addOption(
      new Option('--limit <algorithm>', 'how the limit is kept')
        .choices(limits)
        .default('sliding-log' as const),
    )
    .option('--burst <n>', 'how many requests the leaky bucket takes at once', wholeNumber(1), 5)
    .option('--fault <name>', 'the next request meets this fault; repeatable, in order', repeated)
    .option(
      '--fault-rate <share>',
      'this share of all requests meets a fault of --fault, else any',
      share,
    )
    .option('--seed <n>', 'repeats the same faults', wholeNumber(0), 1)
    .option('--faults', 'list the faults and what they do, and do no more')
    .option('--json', 'print the record as one object')
    .addHelpText(
      'after',
      `
Example:
  $ ticket-lifecycle sandbox --tickets changes.csv
  $ ticket-lifecycle sandbox --fault-rate 0.05 --fault lost-after-applying --fault cut-body`,
    )
    .action(async (options, command) => {
      const isGiven = (name: 'burst' | 'seed') => command.getOptionValueSource(name) === 'cli';
      if (isGiven('burst') && options.limit !== 'leaky-bucket') {
        throw new CliError(
          `--burst has no effect with --limit ${options.limit}. Leave it out, or choose --limit leaky-bucket.`,
        );
      }
      if (isGiven('seed') && options.faultRate === undefined) {
        throw new CliError('--seed has no effect without --fault-rate. Leave it out, or add that.');
      }
      const { sandbox } = await import('./run.ts');
      end(await sandbox(options, terminal));
    });
};
