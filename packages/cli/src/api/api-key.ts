import { stat } from 'node:fs/promises';
import { isLoopback } from '@ticket-lifecycle/internal/loopback';
import { CliError } from '../cli-error.ts';
import { errorText } from '../error-text.ts';
import { readSmallFile } from '../rows/small-file.ts';

/** The API itself. */
export const seriesUrl = 'https://api.series.hr';

// The sandbox takes any key. This one says where it belongs.
export const sandboxKey = 'sandbox-key';

/** Where changes go. */
export interface Destination {
  readonly baseUrl?: string | undefined;
  readonly apiKeyFile?: string | undefined;
  /** Where what is not of the command line was said, by its name. */
  readonly places?: Places | undefined;
}

/** Places outside the command line that say something of a request. */
export type Places = Readonly<Partial<Record<string, string>>>;

/** Nobody has named a key, and one is needed. All else about it is a mistake in the settings. */
export class NoApiKeyError extends CliError {}

/** Finds the API key: in the file that is named, in SERIES_API_KEY, or none for this machine. */
export async function findApiKey({ baseUrl, apiKeyFile, places }: Destination): Promise<string> {
  if (apiKeyFile !== undefined)
    return readKey(apiKeyFile, places?.['apiKeyFile'] ?? '--api-key-file');
  const key = process.env['SERIES_API_KEY']?.trim();
  if (key !== undefined && key !== '') {
    const place = places?.['baseUrl'];
    // A file decides where the key goes: then it has to say which key. A project that was copied
    // from somewhere could take it elsewhere.
    if (place === undefined || baseUrl === undefined || isExpected(baseUrl)) return key;
    throw new CliError(
      `${place} is neither Series nor this machine, so SERIES_API_KEY is not sent there. Name its key in "apiKeyFile", or give --api-key-file FILE.`,
    );
  }
  if (baseUrl !== undefined && isLocal(baseUrl)) return sandboxKey;
  throw new NoApiKeyError(
    `There is no API key${baseUrl === undefined ? '' : ' for this base URL'}. Set SERIES_API_KEY or give --api-key-file FILE.\n` +
      'To try it without a key: run ticket-lifecycle sandbox, and give the --base-url that it prints.',
  );
}

async function readKey(file: string, place: string): Promise<string> {
  await refuseShared(file, place);
  // The file is not named: whoever passes the key in its place must not find it in a log.
  const content = await readSmallFile(file, 'The file').catch((error: unknown) => {
    throw new CliError(`${place}: ${errorText(error)} It takes a path, never the key itself.`);
  });
  const key = content.toString('utf8');
  if (key.trim() === '') throw new CliError(`${place}: The file is empty.`);
  return key.trim();
}

/** A key that others can read is not a secret. Windows has no such bits. */
async function refuseShared(file: string, place: string): Promise<void> {
  const status = await stat(file).catch(() => undefined);
  if (status === undefined || !status.isFile() || process.platform === 'win32') return;
  if ((status.mode & 0o077) === 0) return;
  throw new CliError(
    `${place}: Others on this machine can read the file. Keep it to yourself: chmod 600.`,
  );
}

const isExpected = (url: string): boolean => isLocal(url) || URL.parse(url)?.origin === seriesUrl;

/** Whether a URL leads to this machine. */
export const isLocal = (url: string): boolean => isLoopback(URL.parse(url)?.hostname ?? '');
