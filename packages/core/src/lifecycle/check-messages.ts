import type { CompiledMachine } from '../definition/compile.ts';
import type { ReportFault } from '../definition/fault-list.ts';
import type { GuardMessages } from '../definition/lifecycle-options.ts';
import type { ReadDefinition } from '../definition/read-definition.ts';
import { textOf } from '../blockers.ts';
import { isRecord } from '../values.ts';

/** Reports messages for guards that do not exist. */
export function checkMessages(
  messages: GuardMessages,
  { machine, lost }: ReadDefinition,
  { edges }: CompiledMachine,
  report: ReportFault,
): void {
  const conditions = [...edges.values()].flat().flatMap((edge) => edge.conditions);
  const named = lost.map(({ guard }) => textOf(isRecord(guard) ? guard['type'] : guard));
  const all = [
    ...Object.keys(machine.implementations.guards),
    ...conditions.map(({ name }) => name),
    ...named.filter((name) => name !== 'undefined'),
  ];
  const guards = [...new Set(all)];
  for (const guard of Object.keys(messages)) {
    if (guards.includes(guard)) continue;
    report(`options.guardMessages.${guard}`, 'unknown-guard', { guard, guards });
  }
}
