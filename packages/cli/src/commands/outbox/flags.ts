import { Option } from '@commander-js/extra-typings';
import { CliError } from '../../cli-error.ts';
import { wholeNumber } from '../arguments.ts';
import type { AddCommand } from '../command.ts';

const schema = () => new Option('--schema <name>', 'where its tables are').default('ticket_outbox');
const directory = () =>
  new Option('--directory <directory>', 'an outbox on PGlite, instead of DATABASE_URL');

// Of the commands that only look.
const codes = `
Exit codes of status, blocked, retrying and dead:
  0  nothing waits for a decision; a key may be paused
  5  a change is dead
  6  a change is unknown: it may have arrived
why looks at one change: 5 if that is dead, 6 if it is unknown.`;

export const addOutbox: AddCommand = (program, terminal, end) => {
  const outbox = program
    .command('outbox')
    .summary('show an outbox, and get its tickets going again')
    .description(
      `Shows an outbox on Postgres, whose address is in DATABASE_URL, or in a
directory. A change that failed holds its ticket until somebody redrives it
or skips it.`,
    )
    .addHelpText('after', codes);

  const views = {
    status: 'what waits, in numbers, paused keys, and the budget of each key',
    blocked: "tickets whose changes can't go on",
    retrying: 'tickets whose changes are tried again, with the reason',
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
    .command('waiting')
    .description(
      `Lists every change that is still to be sent: also those behind others of
their ticket, and those whose time has not come. With --json for diff --waiting.`,
    )
    .addOption(directory())
    .addOption(schema())
    .option('--json', 'print an object a line')
    .action(async (options) => {
      const { listWaiting } = await import('./waiting.ts');
      end(await listWaiting(options, terminal));
    });
  outbox
    .command('why <id>')
    .description('Shows what happened to a change, in order, and which steps are safe.')
    .addOption(directory())
    .addOption(schema())
    .option('--limit <n>', 'the latest entries only, so many', wholeNumber(1))
    .option('--json', 'print one object')
    .action(async (id, options) => {
      const { whyChange } = await import('./why.ts');
      end(await whyChange(id, options, terminal));
    });
  outbox
    .command('redrive [id]')
    .description(
      `Tries a change again, or all dead and unknown ones that fit. One in doubt is
read back before anything is sent.`,
    )
    .option('--key <name>', 'all of this key')
    .option('--reason <text>', 'all whose reason has this in it')
    .addOption(
      new Option('--kind <kind>', 'all of this kind').choices(['dead', 'unknown'] as const),
    )
    .addOption(directory())
    .addOption(schema())
    .action(async (id, { key, reason, kind, ...place }) => {
      const filter = { key, reason, kind };
      const isFilter = Object.values(filter).some((value) => value !== undefined);
      if (isFilter === (id !== undefined)) {
        throw new CliError('Name a change by its id, or several by --key, --reason or --kind.');
      }
      const { decide, redriveMany } = await import('./by-hand.ts');
      end(
        id === undefined
          ? await redriveMany(filter, place, terminal)
          : await decide(id, { step: 'redrive' }, place, terminal),
      );
    });
  outbox
    .command('skip <id>')
    .description('Gives a change up, so that its ticket goes on without it.')
    .requiredOption('--note <text>', 'why, for those who look later (required)')
    .addOption(directory())
    .addOption(schema())
    .action(async (id, { note, ...place }) => {
      const { decide } = await import('./by-hand.ts');
      end(await decide(id, { step: 'skip', note }, place, terminal));
    });
  const decisions = {
    cancel: 'Takes a change back that was not sent.',
    'give-back': 'Takes a change from a worker that hangs. It is tried again, in doubt.',
  } as const;
  for (const step of Object.keys(decisions) as (keyof typeof decisions)[]) {
    outbox
      .command(`${step} <id>`)
      .description(decisions[step])
      .addOption(directory())
      .addOption(schema())
      .action(async (id, options) => {
        const { decide } = await import('./by-hand.ts');
        end(await decide(id, { step }, options, terminal));
      });
  }
  outbox
    .command('pause <key>')
    .description('Delivers no change of a key until it is resumed. What is under way goes on.')
    .requiredOption('--note <text>', 'why, for those who look later (required)')
    .addOption(directory())
    .addOption(schema())
    .action(async (key, { note, ...place }) => {
      const { pauseKey } = await import('./by-hand.ts');
      end(await pauseKey(key, note, place, terminal));
    });
  outbox
    .command('resume <key>')
    .description('Ends the pause of a key, also one that began because the key failed.')
    .addOption(directory())
    .addOption(schema())
    .action(async (key, options) => {
      const { pauseKey } = await import('./by-hand.ts');
      end(await pauseKey(key, undefined, options, terminal));
    });
  outbox
    .command('install')
    .description('Makes or upgrades the tables in the database at DATABASE_URL.')
    .addOption(schema())
    .action(async (options) => {
      const { installOutbox } = await import('./by-hand.ts');
      end(await installOutbox(options, terminal));
    });
};
