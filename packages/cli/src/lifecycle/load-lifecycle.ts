import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { ticketLifecycle, type Lifecycle } from '@ticket-lifecycle/core';
import { CliError } from '../cli-error.ts';
import { foldersOfProject } from '../project-folders.ts';
import { readLifecycleFile } from './lifecycle-file.ts';
import { visible } from '../rows/input.ts';
import type { Messages } from '../terminal/messages.ts';

/** A lifecycle, and where it comes from. */
export interface LoadedLifecycle {
  readonly lifecycle: Lifecycle;
  /** The file, or `undefined` for the lifecycle that comes with this tool. */
  readonly file: string | undefined;
}

const modules = ['.ts', '.mts', '.js', '.mjs', '.cjs'];
const extensions = [...modules, '.json'];

/**
 * Loads the lifecycle. A file that is named comes first, then the nearest
 * `ticket-lifecycle.config.*` in this folder or a folder above it in the same project, then the
 * lifecycle of this tool. The result names the file.
 */
export async function loadLifecycle(
  given: string | undefined,
  { messages }: { readonly messages: Pick<Messages, 'show' | 'note'> },
): Promise<LoadedLifecycle> {
  const file = given ?? findConfig(process.cwd());
  if (file === undefined) return { lifecycle: ticketLifecycle, file };
  const extension = extname(file).toLowerCase();
  if (!extensions.includes(extension)) {
    throw new CliError(
      `${visible(file)} is not a lifecycle file by its name. Expected a name that ends in ${listed(extensions)}.`,
    );
  }
  const text = `The lifecycle comes from ${file}.`;
  // Nobody has named a file that was found: it is named before it is executed, whatever is asked.
  const announce = given === undefined ? () => messages.show(text) : undefined;
  const lifecycle = await readLifecycleFile(file, announce);
  if (given !== undefined) messages.note(text);
  return { lifecycle, file };
}

/** A file that another user may have put into a folder above the project is not even looked for. */
function findConfig(start: string): string | undefined {
  return foldersOfProject(start)
    .flatMap((folder) =>
      extensions.map((extension) => join(folder, `ticket-lifecycle.config${extension}`)),
    )
    .find((file) => existsSync(file));
}

const listed = (names: readonly string[]) => names.join(', ').replace(/, ([^,]*)$/, ' or $1');
