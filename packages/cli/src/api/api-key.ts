import { readFile, stat } from 'node:fs/promises';
import { isLoopback } from '@ticket-lifecycle/internal/loopback';
import { CliError } from '../cli-error.ts';
import { unreadable } from '../rows/input.ts';

// The sandbox takes any key. This one says where it belongs.
export const sandboxKey = 'sandbox-key';

/** Where changes go. */
export interface Destination {
  readonly baseUrl?: string | undefined;
  readonly apiKeyFile?: string | undefined;
}

/** Finds the API key: in the file that is named, in SERIES_API_KEY, or none for this machine. */
export async function findApiKey({ baseUrl, apiKeyFile }: Destination): Promise<string> {
  if (apiKeyFile !== undefined) return readKey(apiKeyFile);
  const key = process.env['SERIES_API_KEY']?.trim();
  if (key !== undefined && key !== '') return key;
  if (baseUrl !== undefined && isLocal(baseUrl)) return sandboxKey;
  throw new CliError(
    `There is no API key${baseUrl === undefined ? '' : ' for this base URL'}. Set SERIES_API_KEY or give --api-key-file FILE.\n` +
      'To try it without a key: run ticket-lifecycle sandbox, and give the --base-url that it prints.',
  );
}

async function readKey(file: string): Promise<string> {
  await refuseShared(file);
  // The file is not named: whoever passes the key in its place must not find it in a log.
  const key = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliError(
      `--api-key-file: ${unreadable('The file', error).message} It takes a path, never the key itself.`,
    );
  });
  if (key.trim() === '') throw new CliError('--api-key-file: The file is empty.');
  return key.trim();
}

/** A key that others can read is not a secret. Windows has no such bits. */
async function refuseShared(file: string): Promise<void> {
  const status = await stat(file).catch(() => undefined);
  if (status === undefined || !status.isFile() || process.platform === 'win32') return;
  if ((status.mode & 0o077) === 0) return;
  throw new CliError(
    '--api-key-file: Others on this machine can read the file. Keep it to yourself: chmod 600.',
  );
}

/** Whether a URL leads to this machine. */
export const isLocal = (url: string): boolean => isLoopback(URL.parse(url)?.hostname ?? '');
