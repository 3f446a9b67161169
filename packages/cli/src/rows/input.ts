import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  readSync,
  type Stats,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';

/** Something to read: a file or standard input. */
export interface Input {
  /** How messages call it. */
  readonly name: string;
  /** Each is used up before the next is asked for: they may share their memory. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** How many lines there are, where that can be known before reading. */
  readonly lines?: number | undefined;
}

// Every chunk is a turn of the event loop. Larger ones are not read quicker, and take more memory: what
// is made of a chunk lives until the next, so that each collection of garbage finds one alive.
const chunkSize = 64 * 1024;

/**
 * Opens a file, or standard input for `-`. The signal ends the reading. A file that is `fixed` may not
 * change from now on to its end.
 */
export async function openInput(
  file: string,
  signal?: AbortSignal,
  { fixed = false }: { readonly fixed?: boolean } = {},
): Promise<Input> {
  if (file === '-') {
    const chunks = process.stdin as Readable;
    if (signal !== undefined) addAbortSignal(signal, chunks);
    return { name: 'standard input', chunks };
  }
  const status = await stat(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  if (status.isDirectory()) {
    throw new CliError(`${file} is a directory. Give the path of a file, or - for standard input.`);
  }
  if (status.isFile()) {
    const before = fixed ? status : undefined;
    return { name: file, chunks: readFile(file, openFile(file), signal, before) };
  }
  // Such as a terminal: what comes from it may take its time.
  const chunks = status.isFIFO() ? await openPipe(file) : createReadStream(file);
  if (signal !== undefined) addAbortSignal(signal, chunks);
  return { name: file, chunks: read(file, chunks) };
}

function openFile(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw unreadable(file, error);
  }
}

/**
 * Reads a file, all of it through the same memory. A chunk lies in memory already, or comes within
 * a millisecond: to hand it to another thread and to be called back takes longer.
 *
 * @yields parts of the same memory, one after the other
 */
async function* readFile(file: string, fd: number, signal?: AbortSignal, before?: Stats) {
  const memory = new Uint8Array(chunkSize);
  try {
    for (let left = before?.size ?? Infinity; left > 0;) {
      if (signal?.aborted === true) throw new DOMException('No longer wanted.', 'AbortError');
      const length = readSync(fd, memory);
      if (before !== undefined && isChanged(before, fstatSync(fd))) throw changed(file);
      if (length === 0) return;
      left -= length;
      yield memory.subarray(0, length);
      // Signals, timers and answers have their turn.
      await setImmediate();
    }
  } catch (error) {
    const isNamed = error instanceof CliError || (error as Error).name === 'AbortError';
    throw isNamed ? error : unreadable(file, error);
  } finally {
    closeSync(fd);
  }
}

const isChanged = (before: Stats, { mtimeMs, size }: Stats): boolean =>
  mtimeMs !== before.mtimeMs || size !== before.size;

/** An old beginning and a new end would make lines that are in neither. */
const changed = (file: string): CliError =>
  new CliError(
    `${file} was changed while it was applied, so no more of it is read. Apply it again with --read always. Or put it back as it was, and resume.`,
    exitCodes.unreadable,
  );

/**
 * Opens a pipe that may not have a writer yet. A read stream of files would wait for one, and for
 * what it writes, in a thread that nothing ends, and that keeps the process alive.
 */
async function openPipe(file: string): Promise<Readable> {
  // Most commands do without it, and start the sooner.
  const { Socket } = await import('node:net');
  try {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    return new Socket({ fd, readable: true, writable: false });
  } catch (error) {
    throw unreadable(file, error);
  }
}

// Chosen lines of a pipe are few; a larger one belongs in a file.
const mostKept = 64 * 1024 * 1024;

/** Reads all of an input, so that it can be gone through more than once. */
export async function readWhole({ name, chunks }: Input): Promise<Input> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    kept.push(chunk.slice());
    bytes += chunk.length;
    if (bytes <= mostKept) continue;
    throw new CliError(`${name} is larger than 64 MB. To choose lines of it, save it to a file.`);
  }
  const again = { [Symbol.asyncIterator]: () => Readable.from(kept)[Symbol.asyncIterator]() };
  return { name, chunks: again as AsyncIterable<Uint8Array> };
}

async function* read(file: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw (error as Error).name === 'AbortError' ? error : unreadable(file, error);
  }
}

/** What can be known of a file by going through it once. */
export interface Measured {
  readonly bytes: number;
  readonly sha256: string;
}

/** Whether something gives its lines only once, such as a pipe: it can't be known again either. */
export const isReadOnce = async (file: string): Promise<boolean> =>
  file === '-' || !(await stat(file)).isFile();

/**
 * Goes through a file; `undefined` for what gives its lines only once, such as a pipe. The
 * fingerprint tells a file from any other.
 */
export async function measure(file: string): Promise<Measured | undefined> {
  if (await isReadOnce(file)) return undefined;
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of readFile(file, openFile(file))) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Says why a file can't be opened, and what to do. */
export function unreadable(name: string, error: unknown): CliError {
  const file = visible(name);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new CliError(`${file} does not exist. Check the path.`);
    case 'EACCES':
    case 'EPERM':
      return new CliError(`${file} may not be read. Check its permissions.`);
    case 'EISDIR':
      return new CliError(`${file} is a directory. Give the path of a file.`);
    default:
      return new CliError(`${file} can't be read: ${(error as Error).message}.`);
  }
}

/** Whether a name is none for a file to be written: `-` would be standard output, for others. */
export const isNoName = (file: string): boolean => file.trim() === '' || file === '-';

/** A file name as messages call it: of an empty one, a script's unset variable, nothing is seen. */
export const visible = (file: string): string => (file.trim() === '' ? `"${file}"` : file);
