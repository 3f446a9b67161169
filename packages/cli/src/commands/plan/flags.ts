import type { AddCommand } from '../command.ts';
import { context, definition } from '../shared-options.ts';

export const addPlan: AddCommand = (program, terminal, end) => {
  program
    .command('plan')
    .summary('find the legal path from one state to another')
    .description(
      `Finds the shortest path from one state to another that the lifecycle allows, and
says what it costs. Sends nothing.`,
    )
    .requiredOption('--from <state>', 'the state of the ticket (required)')
    .requiredOption(
      '--to <state>',
      'where it should get to: a state, or a status of the API (required)',
    )
    .option('--prefer <events...>', 'events to prefer where paths are equally long')
    .addOption(context())
    .addOption(definition())
    .option('--json', 'print the plan as one object')
    .addHelpText('after', '\nExample:\n  $ ticket-lifecycle plan --from open --to closed')
    .action(async (options) => {
      const { plan } = await import('./run.ts');
      end(await plan(options, terminal));
    });
};
