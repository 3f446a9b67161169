import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { exitCodes } from '../../exit-code.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { placesOf } from './places.ts';
import { bash, fish, powershell, zsh } from './scripts.ts';

/** Prints a completion script, made from the very commands that it completes. */
export async function completion(
  shell: 'bash' | 'zsh' | 'fish' | 'powershell',
  program: CommandUnknownOpts,
  { output }: Terminal,
): Promise<number> {
  await output.print({ bash, zsh, fish, powershell }[shell](placesOf(program)));
  return exitCodes.ok;
}
