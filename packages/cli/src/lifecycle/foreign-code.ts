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
