import type { EventEmitter } from 'node:events';
import { Help, type CommandUnknownOpts, type HelpConfiguration } from '@commander-js/extra-typings';

import { usualWidth } from '../terminal/messages.ts';
import { besideOrBelow, fill, wordsOf, wrapText } from '../terminal/wrap-text.ts';

/** How wide the help of a command may be, on the stream to which it goes. */
export function helpWidthOf(command: CommandUnknownOpts, isError = false): number {
  const output = command.configureOutput();
  return (isError ? output.getErrHelpWidth?.() : output.getOutHelpWidth?.()) || usualWidth;
}

/**
 * Lays the help of a command, and of those below it, out for the width of the terminal. It is
 * applied to the commands as they are, so that a new one can't forget it.
 */
export function wrapHelp(command: CommandUnknownOpts): void {
  command.configureHelp(layout);
  // What a command adds behind its help, Commander writes as it is.
  (command as unknown as EventEmitter).prependListener('afterHelp', (context: HelpContext) => {
    const { write } = context;
    const width = helpWidthOf(command, context.error);
    context.write = (text) => write(wrapText(text, width));
  });
  for (const below of command.commands) wrapHelp(below);
}

interface HelpContext {
  readonly error: boolean;
  write: (text: string) => void;
}

const usageIndent = 'Usage: '.length;

const layout: HelpConfiguration = {
  commandUsage(command) {
    const usage = wordsOf([new Help().commandUsage(command)]);
    const lines = fill(usage, (this.helpWidth || usualWidth) - usageIndent);
    return lines.join(`\n${' '.repeat(usageIndent)}`);
  },
  boxWrap: (text, width) => wrapText(text, width || usualWidth),
  formatItem(term, termWidth, description) {
    const width = this.helpWidth || usualWidth;
    const place = { indentation: 2, column: termWidth + 4, width };
    return besideOrBelow(term, description, place).join('\n');
  },
};
