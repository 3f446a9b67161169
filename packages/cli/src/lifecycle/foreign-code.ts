import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import { whyNotTrusted } from '../trusted-path.ts';

/**
 * Refuses a file that another user could have put there or changed: it would run with the key of
 * whoever runs this.
 */
export function checkTrusted(file: string): void {
  const why = whyNotTrusted(file);
  if (why === undefined) return;
  throw new CliError(
    `${file} is not used, because it may hold the code of another user. ${why}`,
    exitCodes.unreadable,
  );
}

/**
 * Runs what loads a definition. Every file that it imports is checked as the definition itself is.
 * Before Node.js 22.15 nobody can be asked, and only the definition itself is checked.
 */
export async function withTrustedImports<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  const { registerHooks } = nodeModule as Partial<typeof nodeModule>;
  const hooks = registerHooks?.({
    load(url, context, next) {
      if (url.startsWith('file:')) checkTrusted(fileURLToPath(url));
      return next(url, context);
    },
  });
  try {
    return await load();
  } finally {
    hooks?.deregister();
  }
}

/**
 * From here on stdout and the end of the process are ours alone: a definition, or a guard of it,
 * that prints does so on stderr, and one that exits throws instead.
 */
export function keepForeignCodeApart(): void {
  const exit = process.exit.bind(process);
  const { reallyExit } = process as typeof process & { readonly reallyExit: unknown };
  endProcess ??= () => {
    Object.assign(process, { reallyExit });
    exit();
  };
  process.stdout.write = process.stderr.write.bind(process.stderr);
  const refuse = () => {
    throw new Error('It calls process.exit. A lifecycle must not end the process.');
  };
  process.exit = refuse;
  // What `exit` itself calls, and libraries that hold on to it.
  Object.assign(process, { reallyExit: refuse });
}

let endProcess: (() => void) | undefined;

// Long enough for a failure of its own to be heard, short enough for a pipeline.
const mostAfterMs = 1000;

/**
 * Ends the process soon, if a definition keeps something running, such as a timer or a connection.
 * To be called when all is said and the exit code is set. Where nothing runs on, it ends by itself.
 */
export function outliveForeignCode(): void {
  if (endProcess !== undefined) setTimeout(endProcess, mostAfterMs).unref();
}
