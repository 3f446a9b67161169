import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { AddCommand } from '../command.ts';
import { withLogOptions } from '../log-options.ts';
import { context, definition } from '../shared-options.ts';

function pixels(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a number of pixels, such as 690.');
}

export const addDiagram: AddCommand = (program, terminal, end) => {
  const command = program
    .command('diagram')
    .summary('draw the lifecycle, and keep the drawings in your docs fresh')
    .description(
      `Draws the lifecycle and prints it. With --write or --check it keeps files fresh:

  .md .mdx         what lies between <!-- ticket-lifecycle diagram --> and
                   <!-- /ticket-lifecycle diagram -->, in MDX between {/* … */}
  .svg .mmd .dot   the whole file
  .png             the same, with the package @resvg/resvg-js; for --write alone

The marker keeps the options of its drawing, as in
<!-- ticket-lifecycle diagram at=resolved -->, and so does the last line of a
file. A check need not repeat them, except --context, --counts and the options
of its log.

--check changes nothing, names what is stale, and ends with 1 if anything is.`,
    )
    .addOption(
      new Option('--format <format>', 'what to draw; for a file its name tells').choices([
        'svg',
        'png',
        'mermaid',
        'dot',
      ]),
    )
    .option('--at <state>', 'the state of a ticket: marks what is enabled and what is blocked')
    .addOption(context())
    .option('--title <text>', 'a heading')
    .addOption(
      new Option('--direction <direction>', 'from open to closed').choices(['right', 'down']),
    )
    .addOption(
      new Option('--guards <guards>', 'how conditions are shown').choices(['names', 'none']),
    )
    .option('--no-group', 'no frames around states that share a status')
    .addOption(new Option('--width <pixels>', 'the width that an SVG should fit').argParser(pixels))
    .option('--playable', 'an SVG for <ticket-lifecycle>, whose events readers can press')
    .option(
      '--counts <log>',
      'edges as thick as a log of tickets has them; "replay" reads the same',
    )
    .option('--name <name>', 'only the blocks whose marker has this name behind "diagram"')
    .addOption(definition())
    .addOption(
      new Option('--check <file...>', 'files whose diagrams should be fresh').conflicts('write'),
    )
    .option('--write <file...>', 'files whose diagrams to draw again');
  withLogOptions(command)
    .addHelpText(
      'after',
      `
Example:
  $ ticket-lifecycle diagram --check README.md docs/lifecycle.svg`,
    )
    .action(async (options) => {
      const { diagram } = await import('./run.ts');
      end(await diagram(options, terminal));
    });
};
