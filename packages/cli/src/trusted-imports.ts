import { statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-code.ts';
import { whyNotTrusted } from './trusted-path.ts';

// Node.js executes what it finds, with our key in the environment. Two things are found in places
// that another user may have written to:
//
// - a definition and all that it imports, now or later, in a guard or a timer: nobody but the user
//   and root may own or write it;
// - packages that are not installed together with this tool, such as pg. Node.js looks for them in
//   node_modules of every folder above, up to the root of the disk. Who installed this tool is
//   trusted, so it is asked only who owns what was found: with some a group may write all of it.

const ofDefinitions = new Set<string>();
let isWatching = false;

/**
 * Refuses a file that another user could have put there or changed: it would run with the key of
 * whoever runs this.
 */
export function checkTrusted(file: string): void {
  refuse(file, whyNotTrusted(file));
}

/**
 * From here on every file is checked before Node.js executes it, to the end of the process.
 * `definition` is the URL of one that is about to be imported. Before Node.js 22.15 nobody can be
 * asked, and only the definition itself is checked.
 */
export function watchImports(definition?: string): void {
  if (definition !== undefined) ofDefinitions.add(definition);
  if (isWatching) return;
  isWatching = true;
  const { registerHooks } = nodeModule as Partial<typeof nodeModule>;
  registerHooks?.({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      if ([specifier, context.parentURL ?? ''].some((url) => ofDefinitions.has(url))) {
        ofDefinitions.add(found.url);
      }
      return found;
    },
    load(url, context, next) {
      if (url.startsWith('file:')) checkImport(url);
      return next(url, context);
    },
  });
}

function checkImport(url: string): void {
  const file = fileURLToPath(url);
  if (ofDefinitions.has(url)) checkTrusted(file);
  else refuse(file, whyNotTrusted(file, { asked: 'owners', alsoOwners: [installer()] }));
}

const installer = (): number => statSync(fileURLToPath(import.meta.url)).uid;

function refuse(file: string, why: string | undefined): void {
  if (why === undefined) return;
  throw new CliError(
    `${file} is not used, because it may hold the code of another user. ${why}`,
    exitCodes.unreadable,
  );
}
