import { Argument } from '@commander-js/extra-typings';
import type { AddCommand } from '../command.ts';

export const addCompletion: AddCommand = (program, terminal, end) => {
  program
    .command('completion')
    .summary('print what makes a shell complete commands and options')
    .description(
      `Prints a script that makes a shell complete commands, options and their values:

  bash  source <(ticket-lifecycle completion bash)
  zsh   ticket-lifecycle completion zsh > "\${fpath[1]}/_ticket-lifecycle"
  fish  ticket-lifecycle completion fish | source

PowerShell, in $PROFILE:
  ticket-lifecycle completion powershell | Out-String | Invoke-Expression`,
    )
    .addArgument(
      new Argument('<shell>', 'which').choices(['bash', 'zsh', 'fish', 'powershell'] as const),
    )
    .addHelpText('after', '\nExample:\n  $ ticket-lifecycle completion bash')
    .action(async (shell) => {
      const { completion } = await import('./run.ts');
      end(await completion(shell, program, terminal));
    });
};
