import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Outbox } from '@ticket-lifecycle/outbox';
import { CliError } from '../../cli-error.ts';
import { errorText } from '../../error-text.ts';
import { visible } from '../../rows/input.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { watchImports } from '../../trusted-imports.ts';

// Something else may listen there, and say nothing.
const connectionTimeoutMillis = 10_000;

/** Where the outbox is. */
export interface OutboxPlace {
  readonly directory?: string | undefined;
  readonly schema: string;
}

/** Opens the outbox that a command is about, and closes it when the work is done. */
export async function withOutbox<Result>(
  { directory, schema }: OutboxPlace,
  secrets: Terminal['secrets'],
  work: (outbox: Outbox) => Promise<Result>,
  install: 'never' | 'when-needed' = 'never',
): Promise<Result> {
  const url = process.env['DATABASE_URL'];
  // The address holds the password.
  secrets.add(url);
  secrets.add(passwordOf(url));
  watchImports();
  const { createPgliteOutbox, createPostgresOutbox, DatabaseError } = await load(
    '@ticket-lifecycle/outbox',
    () => import('@ticket-lifecycle/outbox'),
  );
  /** What the database refuses is for the person at the command line to mend, too. */
  async function use(outbox: Outbox): Promise<Result> {
    try {
      return await work(outbox);
    } catch (error) {
      throw DatabaseError.is(error) ? new CliError(error.message) : error;
    } finally {
      await outbox.close();
    }
  }
  if (directory !== undefined) {
    checkDirectory(directory);
    return use(await opened(createPgliteOutbox({ directory })));
  }
  if (url === undefined || url === '') {
    throw new CliError('Set DATABASE_URL to the database of the outbox, or name its --directory.');
  }
  const { protocol } = URL.parse(url) ?? {};
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') {
    throw new CliError('DATABASE_URL is not the address of a database. Expected postgres://…');
  }
  const { default: pg } = await load('pg', () => import('pg'));
  const pool = new pg.Pool({
    connectionString: url,
    max: 2,
    connectionTimeoutMillis,
  });
  try {
    return await use(await opened(createPostgresOutbox({ pool, schema, install })));
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
    const said = errorText(error);
    // In the driver's words it says neither where nor why.
    throw new CliError(
      /connection timeout|timeout expired/.test(said)
        ? 'DATABASE_URL: No database answered within 10 s. Check its host and port.'
        : said,
    );
  }
}

async function load<Module>(name: string, loading: () => Promise<Module>): Promise<Module> {
  try {
    return await loading();
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(
      `This command needs ${name}. Install it beside the command line, with --global where that is global: npm install @ticket-lifecycle/outbox pg`,
    );
  }
}

/** The password in an address, as a driver would show it. */
function passwordOf(url = ''): string | undefined {
  try {
    return decodeURIComponent(URL.parse(url)?.password ?? '');
  } catch {
    return undefined;
  }
}
