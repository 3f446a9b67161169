import { constants } from 'node:os';

/** Watches for Ctrl-C and for a polite request to end. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** What a shell expects of a process that was stopped so, or `undefined` if nobody did. */
  readonly exitCode: () => number | undefined;
  readonly release: () => void;
}

// Ctrl-C, a polite request to end, and a terminal that is gone, as of a lost connection.
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Takes the first of these signals as a wish; a second one ends the process at once. */
export function watchInterrupt(): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const stop = (name: NodeJS.Signals) => {
    exitCode ??= 128 + constants.signals[name];
    release();
    controller.abort();
  };
  const release = () => {
    for (const name of signals) process.off(name, stop);
  };
  for (const name of signals) process.on(name, stop);
  return { signal: controller.signal, exitCode: () => exitCode, release };
}
