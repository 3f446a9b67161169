import { Option } from '@commander-js/extra-typings';
import type { AddCommand } from '../command.ts';

const schema = () => new Option('--schema <name>', 'where its tables are').default('ticket_outbox');
const directory = () =>
  new Option('--directory <directory>', 'an outbox on PGlite, instead of DATABASE_URL');

export const addOutbox: AddCommand = (program, terminal, end) => {
  const outbox = program
    .command('outbox')
    .summary('show an outbox, and get its tickets going again')
    .description(
      `Shows an outbox on Postgres, whose address is in DATABASE_URL, or in a
directory. A change that failed holds its ticket until somebody redrives it
or skips it.`,
    );

  const views = {
    status: 'what waits, in numbers, and the budget of each key',
    blocked: "tickets whose changes can't go on",
    dead: 'changes that failed or are in doubt, with the reason',
  } as const;
  for (const view of Object.keys(views) as (keyof typeof views)[]) {
    outbox
      .command(view)
      .description(`Shows ${views[view]}.`)
      .addOption(directory())
      .addOption(schema())
      .option('--json', 'print an object a line')
      .action(async (options) => {
        const { showOutbox } = await import('./run.ts');
        end(await showOutbox(view, options, terminal));
      });
  }
  outbox
    .command('redrive <id>')
    .description('Tries a change again. One in doubt is read back before anything is sent.')
    .addOption(directory())
    .addOption(schema())
    .action(async (id, options) => {
      const { endChange } = await import('./run.ts');
      end(await endChange({ id, note: undefined }, options, terminal));
    });
  outbox
    .command('skip <id>')
    .description('Gives a change up, so that its ticket goes on without it.')
    .requiredOption('--note <text>', 'why, for those who look later')
    .addOption(directory())
    .addOption(schema())
    .action(async (id, options) => {
      const { endChange } = await import('./run.ts');
      end(await endChange({ id, note: options.note }, options, terminal));
    });
};
