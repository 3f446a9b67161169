import { HistoryError } from '@ticket-lifecycle/internal/histories/history-error';
import {
  createValueMap,
  parseMap,
  parseMapFile,
  type MapEntry,
  type ValueMap,
} from '@ticket-lifecycle/internal/histories/value-map';
import { CliError } from '../cli-error.ts';
import { readSmallFile } from '../rows/small-file.ts';
import { unknownName } from '../terminal/did-you-mean.ts';

/**
 * Reads `--map`: pairs, or `@file` with a file of them. A value may stand for a status or for a
 * state of one's own.
 */
export async function readStatusMap(
  given: readonly string[],
  names: readonly string[],
): Promise<ValueMap> {
  try {
    const entries: MapEntry[] = [];
    for (const text of given) for (const entry of await entriesOf(text)) entries.push(entry);
    return createValueMap(entries, names, (name) => unknownName('status', name, names));
  } catch (error) {
    if (error instanceof HistoryError) throw new CliError(`--map: ${error.message}`);
    throw error;
  }
}

async function entriesOf(text: string): Promise<MapEntry[]> {
  if (!text.startsWith('@')) return parseMap(text);
  const file = text.slice(1);
  const content = await readSmallFile(file);
  try {
    return parseMapFile(content);
  } catch (error) {
    if (error instanceof HistoryError) throw new CliError(`--map: ${file}: ${error.message}`);
    throw error;
  }
}
