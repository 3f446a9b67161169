import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { CliError } from './cli-error.ts';

/** Something to read: a file or standard input. */
export interface Input {
  /** How messages call it. */
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** How many lines there are, where that can be known before reading. */
  readonly lines: number | undefined;
}

/** Opens a file, or standard input for `-`. The signal ends the reading. */
export async function openInput(file: string, signal?: AbortSignal): Promise<Input> {
  if (file === '-') {
    const chunks = process.stdin as Readable;
    if (signal !== undefined) addAbortSignal(signal, chunks);
    return { name: 'standard input', chunks, lines: undefined };
  }
  const status = await stat(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  if (status.isDirectory()) {
    throw new CliError(`${file} is a directory. Give the path of a file, or - for standard input.`);
  }
  // A pipe has no lines until they come, and gives each only once.
  const lines = status.isFile() ? await countLines(file) : undefined;
  const chunks = createReadStream(file, signal === undefined ? {} : { signal });
  return { name: file, chunks, lines };
}

async function countLines(file: string): Promise<number> {
  let lines = 0;
  let isAtStart = true;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, at + 1)) lines += 1;
      isAtStart = chunk.at(-1) === 0x0a;
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  return isAtStart ? lines : lines + 1;
}

/** Says why a file can't be opened, and what to do. */
export function unreadable(file: string, error: unknown): CliError {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new CliError(`${file} does not exist. Check the path.`);
    case 'EACCES':
    case 'EPERM':
      return new CliError(`${file} may not be read. Check its permissions.`);
    default:
      return new CliError(`${file} can't be read: ${(error as Error).message}.`);
  }
}
