import { createReadStream } from 'node:fs';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import { unreadable, visible } from './input.ts';

const mostBytes = 1024 * 1024;

/**
 * Reads a file that is small by its nature, such as a map, a profile or a key. A larger one is
 * another file, and one that never ends, such as /dev/zero, is not read to its end.
 */
export async function readSmallFile(file: string, name = visible(file)): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw unreadable(name, error);
  }
  if (bytes <= mostBytes) return Buffer.concat(chunks);
  throw new CliError(`${name} is larger than 1 MB. Is it the right file?`, exitCodes.unreadable);
}
