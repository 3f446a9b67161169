import { wholeNumber } from '../arguments.ts';
import type { AddCommand } from './command.ts';

export const addSandbox: AddCommand = (program, terminal, end) => {
  program
    .command('sandbox')
    .summary('run the Series ticket API on this machine')
    .description(
      `Runs the Series ticket API on this machine, until Ctrl-C. Then it prints what it
has seen: requests, 429s, the fullest second, and where the tickets stand.`,
    )
    .option('--port <n>', 'where to listen; 0 takes any free port', wholeNumber(0, 65_535), 4010)
    .option(
      '--tickets <file>',
      'CSV or NDJSON with ticketId, and status or from; such as your changes',
    )
    .option('--requests-per-second <n>', 'the limit of each key', wholeNumber(1), 25)
    .option('--json', 'print the record as one object')
    .addHelpText('after', '\nExample:\n  $ ticket-lifecycle sandbox --tickets changes.csv')
    .action(async (options) => {
      const { sandbox } = await import('../sandbox.ts');
      end(await sandbox(options, terminal));
    });
};
