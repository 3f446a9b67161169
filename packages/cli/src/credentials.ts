import { readFile } from 'node:fs/promises';
import { CliError } from './cli-error.ts';
import { unreadable } from './input.ts';

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
  if (baseUrl !== undefined && isLoopback(baseUrl)) return sandboxKey;
  throw new CliError(
    `There is no API key${baseUrl === undefined ? '' : ' for this base URL'}. Set SERIES_API_KEY or give --api-key-file FILE.\n` +
      'To try it without a key: run ticket-lifecycle sandbox, and give the --base-url that it prints.',
  );
}

async function readKey(file: string): Promise<string> {
  // The file is not named: whoever passes the key in its place must not find it in a log.
  const key = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliError(
      `--api-key-file: ${unreadable('The file', error).message} It takes a path, never the key itself.`,
    );
  });
  if (key.trim() === '') throw new CliError('--api-key-file: The file is empty.');
  return key.trim();
}

function isLoopback(baseUrl: string): boolean {
  const hostname = URL.parse(baseUrl)?.hostname ?? '';
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
