import type { AddCommand } from '../command.ts';

export const addDemo: AddCommand = (program, terminal, end) => {
  program
    .command('demo')
    .summary('see it work: fifteen seconds, nothing to set up')
    .description(
      `Applies some 300 changes, good and bad ones, to a sandbox on this machine, and
shows what became of them. Needs no key and sends nothing anywhere else.`,
    )
    .option('--json', 'print an object for every outcome, and a summary as the last')
    .addHelpText('after', '\nExample:\n  $ ticket-lifecycle demo')
    .action(async (options) => {
      const { runDemo } = await import('./run.ts');
      end(await runDemo(options, terminal));
    });
};
