import { Option } from '@commander-js/extra-typings';
import type { AddCommand } from '../command.ts';
import { logFormat, withLogOptions } from '../log-options.ts';

export const addDiff: AddCommand = (program, terminal, end) => {
  const command = program
    .command('diff')
    .summary('compare two lifecycles, for a pull request')
    .description(
      `Says what a new lifecycle makes different: states and edges gained and lost,
what is behaviour and what is only a label. With --log it replays the histories
of real tickets under both, and names those that only the new one would block.
With --waiting it says which changes of an outbox the new one would block.
Prints Markdown. Sends nothing.`,
    )
    .argument('<old>', 'a lifecycle (.ts, .js, .json), or "default" for the one of this tool')
    .argument('<new>', 'the other one')
    .option('--log <file>', 'histories of real tickets, as replay reads them')
    .option('--complete', 'the log holds every change: a missing step was skipped')
    .option('--waiting <file>', 'changes that wait, as "outbox waiting --json" prints them')
    .addOption(
      new Option('--fail-on <what>', 'end with 1 on this')
        .choices(['behaviour', 'broken', 'nothing'] as const)
        .default('behaviour' as const),
    )
    .option('--json', 'print the comparison as an object');
  withLogOptions(command)
    .addOption(logFormat())
    .addHelpText(
      'after',
      `
Example:
  $ ticket-lifecycle diff main/desk.json desk.json --log log.csv --complete
  $ ticket-lifecycle diff main/desk.json desk.json --waiting waiting.ndjson`,
    )
    .action(async (before, after, options) => {
      const { diff } = await import('./run.ts');
      end(await diff(before, after, options, terminal));
    });
};
