import type { Command } from '@commander-js/extra-typings';
import type { Terminal } from '../terminal/terminal.ts';

/**
 * Adds a command to the program. What the command does is loaded when it is run: the help of a
 * program should not wait for its HTTP client.
 */
export type AddCommand = (
  program: Command,
  terminal: Terminal,
  /** Is given the exit code. */
  end: (code: number) => void,
) => void;
