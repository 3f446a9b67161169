import type { AddCommand } from '../command.ts';

export const addMan: AddCommand = (program, terminal, end) => {
  program
    .command('man')
    .summary('print the manual page')
    .description(
      `Prints the manual page, which is made from the help of all commands. npm installs
it with the package, so that "man ticket-lifecycle" shows it.`,
    )
    .addHelpText('after', '\nExample:\n  $ ticket-lifecycle man | man -l -')
    .action(async () => {
      const { manualPage } = await import('./page.ts');
      await terminal.output.print(manualPage(program));
      end(0);
    });
};
