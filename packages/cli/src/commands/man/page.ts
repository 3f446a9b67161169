import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { topicText } from '../help/topic-text.ts';

/** Writes the help of a program and all its commands as a page for `man`, in roff. */
export function manualPage(program: CommandUnknownOpts): string {
  const name = program.name();
  const [summary = '', ...more] = program.description().split(': ');
  return [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${program.version() ?? ''}"`,
    '.SH NAME',
    textOf(`${name} - ${summary}`),
    '.SH SYNOPSIS',
    `.B ${textOf(name)}`,
    textOf('COMMAND [OPTIONS] [ARGUMENTS]'),
    '.SH DESCRIPTION',
    verbatim([summary, ...more].join(': ')),
    '.SH COMMANDS',
    ...program.commands.flatMap((command) => sectionsOf(command, '')),
    '.SH EXIT STATUS',
    verbatim(topicText['exit-codes']),
    '.SH ENVIRONMENT AND FILES',
    verbatim(topicText.environment),
    '.SH FORMATS',
    verbatim(topicText.formats),
  ].join('\n');
}

function sectionsOf(command: CommandUnknownOpts, before: string): string[] {
  const help = command.createHelp();
  const name = `${before}${command.name()}`;
  const description = command.description();
  return [
    `.SS ${textOf(`${name} ${command.usage()}`)}`,
    verbatim(description === '' ? command.summary() : description),
    ...help
      .visibleArguments(command)
      .flatMap((argument) =>
        entry(help.argumentTerm(argument), help.argumentDescription(argument)),
      ),
    ...help
      .visibleOptions(command)
      .flatMap((option) => entry(help.optionTerm(option), help.optionDescription(option))),
    ...command.commands.flatMap((below) => sectionsOf(below, `${name} `)),
  ];
}

const entry = (term: string, description: string): string[] => [
  '.TP',
  `.B ${textOf(term)}`,
  textOf(description),
];

/** A text that is shown as it is laid out. */
const verbatim = (text: string): string =>
  ['.nf', ...text.split('\n').map(textOf), '.fi'].join('\n');

/**
 * A backslash, a dash, and a dot or a quote at the beginning of a line mean something to roff, and
 * it reads no letters beyond ASCII.
 */
function textOf(line: string): string {
  const escaped = line
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replace(/[^ -~]/gu, (letter) => {
      const code = letter.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
      return String.raw`\[u${code ?? ''}]`;
    });
  return /^[.']/.test(escaped) ? String.raw`\&${escaped}` : escaped;
}
