import { open, stat } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';
import { writeErrorText } from '../error-text.ts';
import { isNoName, visible } from './input.ts';

/**
 * Makes sure of a file to be written before a long run, and not after it. It must not take the
 * place of what the run reads, or writes down.
 */
export async function checkWritable(
  option: string,
  file: string,
  others: readonly string[],
  /** Of a new one. */
  mode = 0o666,
): Promise<void> {
  if (isNoName(file)) throw new CliError(`${option}: "${file}" is not a file name.`);
  for (const other of others) {
    if (await isSame(file, other)) throw new CliError(`${option}: ${file} is ${other} itself.`);
  }
  try {
    await (await open(file, 'a', mode)).close();
  } catch (error) {
    throw new CliError(`${option}: ${visible(file)} can't be written: ${writeErrorText(error)}.`);
  }
}

async function isSame(file: string, other: string): Promise<boolean> {
  const [one, two] = await Promise.all(
    [file, other].map((name) => stat(name).catch(() => undefined)),
  );
  return one !== undefined && one.ino === two?.ino && one.dev === two.dev;
}
