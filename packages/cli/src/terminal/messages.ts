import type { Writable } from 'node:stream';
import type { Secrets } from './secrets.ts';
import { printable } from './text.ts';

/** What a command tells the person who watches it. */
export interface Messages {
  /** Shows what a person has to know: a mistake, a question, a command that goes on. */
  show(text: string): void;
  /** Shows what is good to know: `--quiet` leaves it out. */
  note(text: string): void;
  /** Shows a line that is kept up to date, until the returned function is called. */
  follow(describe: () => string): () => void;
}

/** Of a terminal that does not say how wide it is, or says 0. */
export const usualWidth = 80;

const redrawMs = 100;
// A log should show that something happens, and not be made of that alone.
const logMs = 5000;
const clearLine = '\r\u{1B}[2K';

/** What is said may hold words of a server or of a file: they could drive the terminal. */
export const harmless = (text: string): string =>
  // Line ends and tabs are our own.
  text.replace(/[^\n\t]+/g, printable);

/** As many parts of a line as have room: no part is cut in two, unless the first is too long. */
function fit(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = text.lastIndexOf(separator, width);
  return text.slice(0, end > 0 ? end : width);
}

const separator = ' · ';

/** Talks on a stream: one line in place on a terminal, one line now and then in a log. */
export function createMessages(
  stream: Writable & { isTTY?: boolean; columns?: number },
  secrets: Secrets,
): Messages {
  // Who stops listening is not told; the work goes on.
  stream.on('error', () => {});
  const isLive = stream.isTTY === true && process.env['TERM'] !== 'dumb';
  const show = (text: string) => void stream.write(harmless(secrets.hide(`${text}\n`)));
  return {
    show,
    note: show,
    follow(describe) {
      const draw = () => {
        const text = describe();
        // A line that wraps could not be cleared.
        const fitting = fit(text, (stream.columns || usualWidth) - 1);
        stream.write(isLive ? `${clearLine}${fitting}` : `${text}\n`);
      };
      if (isLive) draw();
      const timer = setInterval(draw, isLive ? redrawMs : logMs).unref();
      return () => {
        clearInterval(timer);
        if (isLive) stream.write(clearLine);
      };
    },
  };
}

/** The same messages without notes and progress, for `--quiet`. */
export const withoutNotes = (messages: Messages): Messages => ({
  show: (text) => messages.show(text),
  note: () => {},
  follow: () => () => {},
});
