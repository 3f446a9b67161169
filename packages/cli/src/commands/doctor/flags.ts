import type { AddCommand } from '../command.ts';
import { apiKeyFile, baseUrl, definition, profile } from '../shared-options.ts';

export const addDoctor: AddCommand = (program, terminal, end) => {
  program
    .command('doctor')
    .summary('check what this tool needs: Node.js, lifecycle, key, API, clock')
    .description(
      `Checks Node.js, the lifecycle, the API key, whether the API is reached and takes
the key, and this machine's clock. Reads one ticket that does not exist; changes
nothing, and never shows the key.`,
    )
    .addOption(baseUrl())
    .addOption(apiKeyFile())
    .addOption(profile())
    .addOption(definition())
    .option('--json', 'print an object for every check')
    .addHelpText('after', '\nExample:\n  $ ticket-lifecycle doctor')
    .action(async (options) => {
      const { doctor } = await import('./run.ts');
      const { withProfile } = await import('../../api/profile.ts');
      const filled = await withProfile(options, terminal);
      end(await doctor(filled, terminal));
    });
};
