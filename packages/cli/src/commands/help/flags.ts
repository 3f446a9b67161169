import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { CliError } from '../../cli-error.ts';
import { didYouMean } from '../../terminal/did-you-mean.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import { helpWidthOf } from '../help-layout.ts';
import { isTopic, topics } from './topics.ts';
import type { AddCommand } from '../command.ts';

export const addHelp: AddCommand = (program, terminal, end) => {
  program
    .command('help')
    .summary('say more about a command, or about exit-codes, environment, formats')
    .argument('[topic...]', `a command, or one of ${topics.join(', ')}`)
    .addHelpText('after', '\nExample:\n  $ ticket-lifecycle help exit-codes')
    .action(async (words) => {
      let command: CommandUnknownOpts | undefined = program;
      for (const word of words) command = command?.commands.find((one) => one.name() === word);
      if (command !== undefined) return command.outputHelp();
      const topic = words.join(' ');
      if (!isTopic(topic)) {
        const names = [...program.commands.map((one) => one.name()), ...topics];
        throw new CliError(
          `There is no help about "${topic.slice(0, 40)}"${didYouMean(topic, names)}. Commands and topics: ${names.join(', ')}.`,
        );
      }
      const { topicText } = await import('./topic-text.ts');
      await terminal.output.print(wrapText(topicText[topic], helpWidthOf(program)));
      return end(0);
    });
};
