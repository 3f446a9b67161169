import type { CompiledMachine } from '../definition/compile.ts';
import type { ReportFault } from '../definition/fault-list.ts';
import { isSchema, refusalsOf, type PayloadSchemas } from '../definition/payloads.ts';

/**
 * Reports deadlines whose event would be blocked for want of data: `due` gives its name alone. Each
 * schema is asked, since only it knows what it can do without.
 */
export function checkDuePayloads(
  { deadlines }: CompiledMachine,
  payloads: PayloadSchemas,
  report: ReportFault,
): void {
  for (const [state, due] of deadlines) {
    for (const event of new Set(due.map((deadline) => deadline.event))) {
      const problems = problemsOf(payloads, event);
      if (problems.length === 0) continue;
      report(`states.${state}.meta.due`, 'due-without-payload', { event, state, problems });
    }
  }
}

/** What a schema has clearly refused. One that throws, or is async, is reported when it is asked. */
function problemsOf(payloads: PayloadSchemas, event: string): readonly string[] {
  try {
    const schema = payloads[event];
    if (schema === undefined || !isSchema(schema)) return [];
    return refusalsOf(schema, { type: event }).map(({ message }) => message);
  } catch {
    return [];
  }
}
