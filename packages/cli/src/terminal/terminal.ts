import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { createOutput, type Output } from './output.ts';
import { createSecrets, type Secrets } from './secrets.ts';
import { createMessages, withoutNotes, type Messages } from './messages.ts';

/** Where a program writes, usually those of the process. */
export interface Streams {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** The two voices of a command: data for programs and people, messages for people only. */
export interface Terminal {
  readonly output: Output;
  readonly messages: Messages;
  /** What neither of them says. */
  readonly secrets: Secrets;
  /** Marks a text on stdout, if its terminal shows styles and nobody has set NO_COLOR. */
  readonly style: (format: Parameters<typeof styleText>[0], text: string) => string;
  /** The streams behind both: the parser of arguments writes its help and its errors by itself. */
  readonly streams: Streams;
}

/** Speaks through two streams. */
export function createTerminal(stdout: Writable, stderr: Writable): Terminal {
  const secrets = createSecrets();
  return {
    output: createOutput(stdout, secrets),
    messages: createMessages(stderr, secrets),
    secrets,
    style: (format, text) => styleText(format, text, { stream: stdout }),
    streams: { stdout, stderr },
  };
}

/** The terminal of a command, which `--quiet` keeps to results and errors. */
export const heard = (
  terminal: Terminal,
  { quiet = false }: { readonly quiet?: boolean | undefined },
): Terminal => (quiet ? { ...terminal, messages: withoutNotes(terminal.messages) } : terminal);
