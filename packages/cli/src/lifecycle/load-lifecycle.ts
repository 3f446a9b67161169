import { extname } from 'node:path';
import { ticketLifecycle, type Lifecycle } from '@ticket-lifecycle/core';
import { lilconfig } from 'lilconfig';
import { CliError } from '../cli-error.ts';
import { readLifecycleFile } from './lifecycle-file.ts';
import { visible } from '../rows/input.ts';

/** A lifecycle, and where it comes from. */
export interface LoadedLifecycle {
  readonly lifecycle: Lifecycle;
  /** The file, or `undefined` for the lifecycle that comes with this tool. */
  readonly file: string | undefined;
}

const modules = ['.ts', '.mts', '.js', '.mjs', '.cjs'];
const extensions = [...modules, '.json'];

/**
 * Loads the lifecycle: that of a file, else of the `ticket-lifecycle.config.*` that is
 * nearest in this folder or one above, else the one that comes with this tool.
 */
export async function loadLifecycle(given: string | undefined): Promise<LoadedLifecycle> {
  const file = given ?? (await findConfig());
  if (file === undefined) return { lifecycle: ticketLifecycle, file };
  const extension = extname(file).toLowerCase();
  if (!extensions.includes(extension)) {
    throw new CliError(
      `${visible(file)} is not a lifecycle file by its name. Expected a name that ends in ${listed(extensions)}.`,
    );
  }
  return { lifecycle: await readLifecycleFile(file), file };
}

async function findConfig(): Promise<string | undefined> {
  const name = 'ticket-lifecycle';
  // Found only: loading is the same as for a file that is named.
  const found = await lilconfig(name, {
    searchPlaces: extensions.map((extension) => `${name}.config${extension}`),
    ignoreEmptySearchPlaces: false,
    loaders: Object.fromEntries(extensions.map((extension) => [extension, (path) => path])),
  }).search();
  return found?.filepath;
}

const listed = (names: readonly string[]) => names.join(', ').replace(/, ([^,]*)$/, ' or $1');
