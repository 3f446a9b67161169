import type { ChangeHistory } from '@ticket-lifecycle/outbox';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { jsonVersion } from '../../json-version.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { printable, several } from '../../terminal/text.ts';
import { demandId } from './by-hand.ts';
import { withOutbox, type OutboxPlace } from './open-outbox.ts';

/** Shows what happened to a change, in order, and which steps of a person are safe. */
export async function whyChange(
  id: string,
  options: OutboxPlace & { readonly json?: true | undefined; readonly limit?: number | undefined },
  { output, secrets }: Terminal,
): Promise<number> {
  demandId(id);
  return withOutbox(options, secrets, async ({ inspect }) => {
    const found = await inspect.why(id);
    if (found === undefined) throw new CliError(`There is no change ${id}, or it ended long ago.`);
    const { evidence } = found;
    const shown = evidence.slice(-(options.limit ?? evidence.length));
    const cut = { notShown: evidence.length - shown.length, mayBeCut: mayBeCut(found) };
    if (options.json === true) {
      await output.printJson({
        type: 'why',
        schema: jsonVersion,
        ...found,
        evidence: shown,
        ...cut,
      });
    } else {
      for (const line of linesOf({ ...found, evidence: shown }, id, cut)) await output.print(line);
    }
    if (found.kind === 'unknown') return exitCodes.unknown;
    return found.kind === 'dead' ? exitCodes.refused : exitCodes.ok;
  });
}

// So many an outbox keeps, beside that the change was accepted.
const mostKept = 60;

/** Whether the outbox may have let go of older entries. */
const mayBeCut = ({ evidence }: ChangeHistory): boolean => evidence.length > mostKept;

function linesOf(
  history: ChangeHistory,
  id: string,
  cut: { readonly notShown: number; readonly mayBeCut: boolean },
): string[] {
  const { change, kind, reason, since, evidence, steps, isInDoubt } = history;
  const event = typeof change.event === 'string' ? change.event : change.event.type;
  const why = reason === undefined ? '' : `: ${reason}`;
  const doubt = isInDoubt ? ' (in doubt: it may have arrived)' : '';
  const from = since === undefined ? '' : `, since ${since.toISOString()}`;
  return [
    `${change.ticketId} ${event}, key ${change.key ?? 'default'}`,
    `${kind}${doubt}${from}${why}`,
    ...(cut.mayBeCut
      ? [`  … older entries may be gone: an outbox keeps the latest ${mostKept} of a change`]
      : []),
    ...(cut.notShown > 0
      ? [
          `  … ${several(cut.notShown, 'older entry', 'older entries')}: --limit ${evidence.length + cut.notShown}`,
        ]
      : []),
    ...evidence.map(({ at, what, detail }) => {
      return `  ${at.toISOString()}  ${what}${detail === undefined ? '' : `  ${detail}`}`;
    }),
    ...steps.map(({ step, why: because }) => `${commandOf(step, id, history)}  ${because}`),
  ].map((line) => printable(line));
}

function commandOf(
  step: ChangeHistory['steps'][number]['step'],
  id: string,
  { change, kind }: ChangeHistory,
): string {
  switch (step) {
    case 'none':
      return idle(kind);
    case 'skip':
      return `safe: outbox skip ${id} --note <text>`;
    case 'give back':
      return `safe: outbox give-back ${id}`;
    case 'resume':
      return `safe: outbox resume ${change.key ?? 'default'}`;
    default:
      return `safe: outbox ${step} ${id}`;
  }
}

/** Nothing is to be done about the change itself. Its key, its worker or another change may need it. */
export function idle(kind: ChangeHistory['kind']): string {
  if (kind === 'underWay') return 'under way:';
  return kind === 'waiting' || kind === 'retrying' || kind === 'later'
    ? 'it waits:'
    : 'nothing to do:';
}
