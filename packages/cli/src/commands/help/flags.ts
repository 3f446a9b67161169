import { CliError } from '../../cli-error.ts';
import { didYouMean } from '../../terminal/did-you-mean.ts';
import { isTopic, topics } from './topics.ts';
import type { AddCommand } from '../command.ts';

export const addHelp: AddCommand = (program, terminal, end) => {
  program
    .command('help')
    .summary('say more about a command, or about exit-codes, environment, formats')
    .argument('[topic]', `a command, or one of ${topics.join(', ')}`)
    .addHelpText('after', '\nExample:\n  $ ticket-lifecycle help exit-codes')
    .action(async (topic) => {
      if (topic === undefined) return program.outputHelp();
      const command = program.commands.find((one) => one.name() === topic);
      if (command !== undefined) return command.outputHelp();
      if (!isTopic(topic)) {
        const names = [...program.commands.map((one) => one.name()), ...topics];
        throw new CliError(
          `There is no help about "${topic.slice(0, 40)}"${didYouMean(topic, names)}. Topics: ${topics.join(', ')}.`,
        );
      }
      const { topicText } = await import('./topic-text.ts');
      await terminal.output.print(topicText[topic]);
      return end(0);
    });
};
