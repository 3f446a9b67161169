import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { exitCodes } from '../../exit-code.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { placesOf } from './places.ts';
import { bash } from './bash.ts';
import { fish } from './fish.ts';
import { powershell } from './powershell.ts';
import { zsh } from './zsh.ts';

// The scripts know every word beforehand, so that a TAB starts no process and evaluates nothing of
// what was typed. They all do the same: find the commands that were typed, and the option whose
// value is to come, then offer what may stand behind that option, or options and words of that place.

/** Prints a completion script, made from the very commands that it completes. */
export async function completion(
  shell: 'bash' | 'zsh' | 'fish' | 'powershell',
  program: CommandUnknownOpts,
  { output }: Terminal,
): Promise<number> {
  await output.print({ bash, zsh, fish, powershell }[shell](placesOf(program)));
  return exitCodes.ok;
}
