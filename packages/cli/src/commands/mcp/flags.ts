import { wholeNumber } from '../arguments.ts';
import type { AddCommand } from '../command.ts';
import { apiKeyFile, baseUrl, context, definition, profile } from '../shared-options.ts';

export const addMcp: AddCommand = (program, terminal, end) => {
  program
    .command('mcp')
    .summary('serve an assistant over the Model Context Protocol')
    .description(
      `Serves an assistant over the Model Context Protocol, on standard input and
output: tools to explain, plan, observe and list, and with --allow-apply to apply
single changes, each behind the same guard. The key never reaches the assistant.`,
    )
    .option('--allow-apply', 'let the assistant change tickets; without it there is no such tool')
    .option(
      '--staff-user-id <n>',
      'the staff member for all changes; the assistant cannot choose',
      wholeNumber(1),
    )
    .addOption(baseUrl())
    .addOption(apiKeyFile())
    .addOption(profile())
    .addOption(context())
    .addOption(definition())
    .addHelpText(
      'after',
      '\nExample:\n  $ ticket-lifecycle mcp --base-url http://127.0.0.1:4010 --allow-apply',
    )
    .action(async (options) => {
      const { serveMcp } = await import('./run.ts');
      const { fillIn, readProfile } = await import('../../api/profile.ts');
      const filled = fillIn(await readProfile(options, terminal), options);
      end(await serveMcp(filled, terminal));
    });
};
