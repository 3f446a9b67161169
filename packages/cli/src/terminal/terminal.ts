import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { createOutput, type Output } from './output.ts';
import { createSecrets, type Secrets } from './secrets.ts';
import { createTalk, type Talk } from './messages.ts';

/** The two voices of a command: data for programs and people, talk for people only. */
export interface Terminal {
  readonly output: Output;
  readonly talk: Talk;
  /** What neither of them says. */
  readonly secrets: Secrets;
  /** Marks a text on stdout, if its terminal shows styles and nobody has set NO_COLOR. */
  readonly style: (format: Parameters<typeof styleText>[0], text: string) => string;
}

/** Speaks through two streams, usually those of the process. */
export function createTerminal(stdout: Writable, stderr: Writable): Terminal {
  const secrets = createSecrets();
  return {
    output: createOutput(stdout, secrets),
    talk: createTalk(stderr, secrets),
    secrets,
    style: (format, text) => styleText(format, text, { stream: stdout }),
  };
}

/** A number as people read it: 2,183. Intl would take longer to load than most commands run. */
export const count = (value: number): string =>
  String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

/** A share as people read it: 99.4 %. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** `1 line`, `2 lines`. */
export const several = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** Takes the control characters out of a text from outside: they could drive the terminal. */
export const printable = (text: string): string => text.replace(/\p{Cc}/gu, '\u{FFFD}');

/** White space at the beginning of a line. */
export const indent = (width: number): string => ' '.repeat(width);
