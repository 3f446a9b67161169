import { exitCodes } from './exit-code.ts';

/** Something that the person at the command line can put right. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What to end with after what a person can put right, or `undefined`. */
export function codeOf(error: unknown): number | undefined {
  if (error instanceof CliError) return error.exitCode;
  // A guard has failed. By its name: a command that only shows its help does not load lifecycles.
  const isDefinition = (error as Partial<Error> | undefined)?.name === 'LifecycleDefinitionError';
  return isDefinition ? exitCodes.unreadable : undefined;
}
