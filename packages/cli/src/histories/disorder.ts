import type { Disorder } from '@ticket-lifecycle/internal/histories/histories';
import { printable, quoted, several } from '../terminal/text.ts';

/** A few late rows are in most logs. More of them, and a plan would be made of wrong changes. */
export const isSevere = (disorder: Disorder): boolean =>
  disorder.kind === 'steps-backwards' || !disorder.isSlight;

/** Why the rows may not be in order, and what to do. */
export function disorderText(disorder: Disorder): string {
  if (disorder.kind === 'times-fall') {
    const { column, falls, rises, isSlight } = disorder;
    const name = quoted(column);
    if (falls > rises) {
      return `Wrong order: the newest rows come first, by "${printable(column)}". Sort them with --time ${name}.`;
    }
    const late = `${several(falls, 'row')} ${falls === 1 ? 'comes' : 'come'} after a later row of the same ticket, by "${printable(column)}"`;
    return isSlight
      ? `${late}. To sort the rows, add --time ${name}.`
      : `Wrong order: ${late}. Sort the rows with --time ${name}, or add --order oldest-first.`;
  }
  const { forwards, backwards } = disorder;
  return `Wrong order, it seems: read from the last row to the first, ${several(backwards, 'change')} would be single steps of the lifecycle; from the first to the last, ${forwards}. Sort the rows with --time COLUMN, or add --order newest-first or oldest-first.`;
}
