import { constants } from 'node:os';

/** Watches for Ctrl-C and for a polite request to end. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** What a shell expects of a process that was stopped so, or `undefined` if nobody did. */
  readonly exitCode: () => number | undefined;
  readonly release: () => void;
}

/** Takes the first SIGINT or SIGTERM as a wish; a second one ends the process at once. */
export function watchInterrupt(): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const stop = (name: NodeJS.Signals) => {
    exitCode ??= 128 + constants.signals[name];
    release();
    controller.abort();
  };
  const release = () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return { signal: controller.signal, exitCode: () => exitCode, release };
}
