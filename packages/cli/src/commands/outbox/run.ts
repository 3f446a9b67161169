import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Outbox } from '@ticket-lifecycle/outbox';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { jsonVersion } from '../../json-version.ts';
import { visible } from '../../rows/input.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { printable } from '../../terminal/text.ts';

/** Where the outbox is. */
export interface OutboxPlace {
  readonly directory?: string | undefined;
  readonly schema: string;
}

/** Shows what is in an outbox. Ends with the code for doubt or refusal where a person is needed. */
export async function showOutbox(
  view: 'status' | 'blocked' | 'dead',
  options: OutboxPlace & { readonly json?: true | undefined },
  { output, messages, secrets }: Terminal,
): Promise<number> {
  return withOutbox(options, secrets, async ({ inspect }) => {
    const rows = view === 'status' ? await statusOf(inspect) : await inspect[view]();
    if (options.json === true)
      for (const row of rows)
        await output.printJson({ type: typeOf(view, row), schema: jsonVersion, ...row });
    else for (const row of rows) await output.print(lineOf(row));
    if (rows.length === 0) messages.show('none');
    const { dead, unknown } = await inspect.depth();
    if (unknown > 0) return exitCodes.unknown;
    return dead > 0 ? exitCodes.refused : exitCodes.ok;
  });
}

/** Redrives a change, or skips it where there is a note. */
export async function endChange(
  { id, note }: { readonly id: string; readonly note: string | undefined },
  place: OutboxPlace,
  { messages, secrets }: Terminal,
): Promise<number> {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)) {
    throw new CliError('The id of a change is a UUID, as `outbox dead` shows it.');
  }
  return withOutbox(place, secrets, async (outbox) => {
    const isEnded = note === undefined ? await outbox.redrive(id) : await outbox.skip(id, note);
    if (!isEnded) throw new CliError(`No change ${id} is dead or in doubt.`);
    messages.show(
      note === undefined ? 'It is tried again.' : 'It is given up; its ticket goes on.',
    );
    return exitCodes.ok;
  });
}

const typeOf = (view: 'status' | 'blocked' | 'dead', row: object) =>
  view !== 'status' ? view : 'by' in row ? 'paused' : 'key' in row ? 'budget' : 'depth';

type Rows = readonly Readonly<Record<string, unknown>>[];

async function statusOf(inspect: Outbox['inspect']): Promise<Rows> {
  const rows = [await inspect.depth(), ...(await inspect.paused()), ...(await inspect.budgets())];
  return rows.map((row) => ({ ...row }));
}

function lineOf(row: object): string {
  const cells = Object.entries(row).map(([name, value]) => {
    const shown = value instanceof Date ? value.toISOString() : value;
    if (typeof shown === 'object') return `${name} ${printable(JSON.stringify(shown))}`;
    return `${name} ${typeof shown === 'number' ? Math.round(shown) : printable(String(shown))}`;
  });
  return cells.join('  ');
}

async function withOutbox<Result>(
  { directory, schema }: OutboxPlace,
  secrets: Terminal['secrets'],
  work: (outbox: Outbox) => Promise<Result>,
): Promise<Result> {
  const url = process.env['DATABASE_URL'];
  // The address holds the password.
  secrets.add(url);
  const { createPgliteOutbox, createPostgresOutbox } = await load(
    '@ticket-lifecycle/outbox',
    () => import('@ticket-lifecycle/outbox'),
  );
  if (directory !== undefined) {
    checkDirectory(directory);
    return use(await opened(createPgliteOutbox({ directory })), work);
  }
  if (url === undefined || url === '') {
    throw new CliError('Set DATABASE_URL to the database of the outbox, or name its --directory.');
  }
  const { protocol } = URL.parse(url) ?? {};
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') {
    throw new CliError('DATABASE_URL is not the address of a database. Expected postgres://…');
  }
  const { default: pg } = await load('pg', () => import('pg'));
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  try {
    return await use(await opened(createPostgresOutbox({ pool, schema, install: 'never' })), work);
  } finally {
    await pool.end();
  }
}

/** Whoever looks at an outbox must not make one. Its database has this file. */
function checkDirectory(directory: string): void {
  const status = statSync(directory, { throwIfNoEntry: false });
  if (status === undefined) throw new CliError(`There is no directory ${visible(directory)}.`);
  if (!status.isDirectory()) throw new CliError(`--directory: ${directory} is not a directory.`);
  if (existsSync(join(directory, 'data', 'PG_VERSION'))) return;
  throw new CliError(`--directory: There is no outbox in ${directory}. Check the path.`);
}

/** What keeps an outbox from opening is for the person at the command line to mend. */
async function opened<Opened>(opening: Promise<Opened>): Promise<Opened> {
  try {
    return await opening;
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error));
  }
}

async function use<Result>(
  outbox: Outbox,
  work: (outbox: Outbox) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(outbox);
  } finally {
    await outbox.close();
  }
}

async function load<Module>(name: string, loading: () => Promise<Module>): Promise<Module> {
  try {
    return await loading();
  } catch {
    throw new CliError(`This command needs ${name}: npm install @ticket-lifecycle/outbox pg`);
  }
}
