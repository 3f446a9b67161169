import type { AllowedTransition, Lifecycle, Verdict } from '@ticket-lifecycle/core';
import { jsonValue } from '@ticket-lifecycle/core/journal';
import type { WorkflowBlocker } from '../tickets/blockers.ts';
import { unclearState } from '../tickets/blockers.ts';
import type { TicketPosition } from '../tickets/position.ts';

/**
 * One event of a lifecycle as a choice of a person: open, open once it carries data (`needs`), or
 * blocked for `reasons`. JSON can hold it, so it may go to a browser as it is.
 */
export interface EventChoice<State extends string = string, Event extends string = string> {
  readonly event: Event;
  /** `meta.label` of its transition, else the `description`, else the event's name. */
  readonly label: string;
  readonly allowed: boolean;
  /** Where it leads, if it is allowed: the first of `targets`, where there are several. */
  readonly to: State | undefined;
  /** The fields that the event has to carry; absent where it may come with its name alone. */
  readonly needs?: readonly string[];
  /** All states that it may lead to; absent where its fields don't decide between several. */
  readonly targets?: readonly State[];
  /**
   * What the event carries, as a JSON Schema (2020-12); absent for an event without a payload
   * schema, and for a schema library that can't say it. The schema itself is in
   * `lifecycle.payloads`.
   */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** The messages of the blockers: why it is not possible. */
  readonly reasons: readonly string[];
  readonly blockers: readonly WorkflowBlocker[];
}

/** Says of every event of a lifecycle whether it is possible where a ticket stands. */
export function choicesAt(
  position: TicketPosition,
  lifecycle: Lifecycle,
  guardContext: unknown,
): EventChoice[] {
  const { state } = position;
  if (state === undefined) {
    const blockers = [unclearState(position)];
    return lifecycle.events.map((event) => choice(lifecycle, undefined, { event, blockers }));
  }
  return lifecycle
    .enabled(state, guardContext, { includeBlocked: true })
    .map((verdict) => choice(lifecycle, state, verdict));
}

type Answer = Verdict | { readonly event: string; readonly blockers: readonly WorkflowBlocker[] };

function choice(lifecycle: Lifecycle, state: string | undefined, answer: Answer): EventChoice {
  const { event } = answer;
  const { to, needs, targets }: Partial<AllowedTransition> = 'to' in answer ? answer : {};
  const blockers = 'blockers' in answer ? answer.blockers : [];
  const schema = jsonSchemaOf(lifecycle.payloads[event]);
  return {
    event,
    label: labelOf(lifecycle, event, state, to),
    allowed: to !== undefined,
    to,
    ...(needs === undefined ? {} : { needs }),
    ...(targets === undefined ? {} : { targets }),
    ...(schema === undefined ? {} : { schema }),
    reasons: blockers.map(({ message }) => message),
    blockers: jsonValue(blockers) as typeof blockers,
  };
}

function labelOf(
  lifecycle: Lifecycle,
  event: string,
  from: string | undefined,
  to: string | undefined,
): string {
  const edges = lifecycle.edgesOf(event);
  const here = edges.filter((edge) => edge.from === from);
  const taken = here.filter((edge) => edge.to === to);
  // A button keeps its label where it is not possible, as far as the definition has one.
  for (const { meta, description } of [...taken, ...here, ...edges]) {
    const label: unknown = meta?.['label'];
    if (typeof label === 'string') return label;
    if (description !== undefined) return description;
  }
  return event;
}

/** What schema libraries offer beside Standard Schema: themselves as a JSON Schema. */
interface WithJsonSchema {
  readonly '~standard': {
    readonly validate: unknown;
    readonly jsonSchema?: { readonly input?: (options: { readonly target: string }) => unknown };
  };
}

function jsonSchemaOf(schema: WithJsonSchema | undefined): EventChoice['schema'] {
  try {
    const made = schema?.['~standard']?.jsonSchema?.input?.({
      target: 'draft-2020-12',
    });
    return typeof made === 'object' && made !== null
      ? (made as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    // A schema that JSON Schema can't express.
    return undefined;
  }
}
