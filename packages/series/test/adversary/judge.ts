import { inspect } from 'node:util';
import type { Outcome, OutcomeRecord } from '@ticket-lifecycle/series';
import type { Case, Step } from './cases.ts';
import type { Applied } from './server.ts';
import type { Variant } from './variants.ts';
import type { Ending, Sighting } from './world.ts';

export type FaultKind = 'duplicates' | 'wrongVerdicts' | 'inversions' | 'keysShown';

/** Something that must never be. */
export interface Fault {
  readonly kind: FaultKind;
  readonly text: string;
}

type AnyOutcome = Outcome | OutcomeRecord;

/** Judges a run by the server's own record alone. */
export function judge(one: Case, variant: Variant, sighting: Sighting): Fault[] {
  const isLied = one.writes.some(({ isLie }) => isLie === true);
  return [
    // Where the server refuses in its documented form what it has applied, nobody could know.
    ...(isLied ? [] : duplicatesIn(sighting)),
    ...sighting.endings.flatMap((ending, index) =>
      verdictFaults(one, variant, sighting, ending, index),
    ),
    ...(isLied ? [] : lastFaults(one, variant, sighting)),
    ...(isLied || variant.traits.retriesItself ? [] : inversionsIn(sighting)),
    ...keysShown(variant, sighting),
  ];
}

const fault = (kind: FaultKind, text: string): Fault => ({ kind, text });
const isOurs = ({ by }: Applied) => by === 'us';
const isOf =
  ({ staffUserId }: Step) =>
  (write: Applied) =>
    isOurs(write) && write.staffUserId === staffUserId;

/** Writes of one change that were applied, each by a request of the client's own. */
function duplicatesIn({ applied, endings }: Sighting): Fault[] {
  return endings.flatMap(({ step }) =>
    [...Map.groupBy(applied.filter(isOf(step)), ({ to }) => to)].flatMap(([to, writes]) => {
      const calls = new Set(writes.map(({ callId }) => callId));
      return calls.size > 1
        ? [fault('duplicates', `${step.event} set the ticket to ${to} ${calls.size} times.`)]
        : [];
    }),
  );
}

function verdictFaults(
  one: Case,
  { traits }: Variant,
  sighting: Sighting,
  ending: Ending,
  index: number,
): Fault[] {
  const { step, outcome, error } = ending;
  const wrong = (text: string) => [fault('wrongVerdicts', `${step.event} ${text}`)];
  if (error !== undefined) return wrong(`was rejected: ${shown(error)}`);
  if (outcome === undefined) return wrong('never ended.');
  const { kind } = outcome;
  const right = one.expected(traits, index);
  const unfit =
    right === undefined || right.includes(kind)
      ? []
      : wrong(`ended ${kind}; right is ${right.join(' or ')}.`);
  return [...unfit, ...untrue(one, sighting, ending, outcome, traits).flatMap(wrong)];
}

/** What an outcome says that the record denies. */
function untrue(
  { writes, steps }: Case,
  sighting: Sighting,
  ending: Ending,
  outcome: AnyOutcome,
  { verifies, readsFirst }: Variant['traits'],
): string[] {
  const { step } = ending;
  const ours = sighting.applied.filter(isOf(step));
  const part = writes[steps.indexOf(step)];
  const isLied = part?.isLie === true;
  switch (outcome.kind) {
    case 'confirmed': {
      if (isLied && !verifies) return [];
      const { to } = step;
      const inTime = ours.some((write) => write.at <= ending.endedAt && write.to === to);
      // An answer can't tell of what comes after it; the documented form says that it is done.
      const isPromised = part?.shows === 'applied' && ours.length > 0;
      const isSeen = outcome.by === 'observation' && wasAt(sighting, to, ending);
      return inTime || isPromised || isSeen
        ? []
        : [`ended confirmed by ${outcome.by}, and was not applied.`];
    }
    case 'unknown':
      return [];
    case 'unchanged':
      return [
        ...denied(outcome, ours),
        ...(wasAt(sighting, step.to, ending) ? [] : [`ended unchanged, and was not ${step.to}.`]),
      ];
    case 'blocked': {
      const { from } = outcome;
      // Who forbids all reads believes what an earlier answer denied.
      const isMisled = !readsFirst && writes.some((write) => write.isLie === true);
      const isTrue = isMisled || from === undefined || wasAt(sighting, from, ending);
      return [...denied(outcome, ours), ...(isTrue ? [] : [`was blocked, and was not ${from}.`])];
    }
    case 'refused':
    case 'not-sent':
      return isLied ? [] : denied(outcome, ours);
  }
}

const denied = ({ kind }: AnyOutcome, ours: readonly Applied[]): string[] =>
  ours.length === 0 ? [] : [`ended ${kind}, and was applied.`];

/** Whether the ticket had a status at any moment of a call. */
function wasAt(
  { applied, first }: Sighting,
  status: string,
  { askedAt, endedAt }: Ending,
): boolean {
  const before = applied.filter(({ at }) => at <= askedAt).at(-1)?.to ?? first;
  const during = applied.filter(({ at }) => at >= askedAt && at <= endedAt);
  return before === status || during.some(({ to, from }) => to === status || from === status);
}

/** Where nobody else has touched a ticket, it stands where the last confirmed change says. */
function lastFaults(one: Case, { traits }: Variant, sighting: Sighting): Fault[] {
  const { endings, applied, last } = sighting;
  if (traits.retriesItself || applied.some(({ by }) => by === 'colleague')) return [];
  const at = endings.findLastIndex(({ outcome }) => outcome?.kind === 'confirmed');
  const confirmed = endings[at];
  if (confirmed === undefined || confirmed.step.to === last) return [];
  const isOpen =
    endings.slice(at + 1).some(({ outcome }) => outcome?.kind === 'unknown') ||
    applied.some((write) => wasPromised(endings, write));
  const text = `${confirmed.step.event} is the last that was confirmed, and the ticket is ${last}.`;
  return isOpen || isLie(one) ? [] : [fault('wrongVerdicts', text)];
}

/**
 * Whether the server had answered that it was done before it was: what comes between is its own
 * doing. That it really had answered so is judged with the verdict.
 */
const wasPromised = (endings: readonly Ending[], write: Applied): boolean =>
  endings.some(
    ({ step, outcome, endedAt }) =>
      isOf(step)(write) &&
      outcome?.kind === 'confirmed' &&
      outcome.by === 'response' &&
      endedAt < write.at,
  );

const isLie = ({ writes }: Case) => writes.some((write) => write.isLie === true);

/** Changes of one ticket that were applied in another order than they were asked for. */
function inversionsIn({ endings, applied }: Sighting): Fault[] {
  const order = endings.map(({ step }) => step.staffUserId);
  const ours = applied.filter((write) => isOurs(write) && !wasPromised(endings, write));
  return ours.flatMap((write, index) => {
    const later = ours[index - 1];
    if (later === undefined) return [];
    const isInverted = order.indexOf(later.staffUserId) > order.indexOf(write.staffUserId);
    return isInverted
      ? [
          fault(
            'inversions',
            `${write.to} was applied behind ${later.to}, and was asked for before.`,
          ),
        ]
      : [];
  });
}

/** Places where the key can be read that must not show it. */
function keysShown({ apiKey, authHeader }: Variant, sighting: Sighting): Fault[] {
  const faults: Fault[] = [];
  const parts = [apiKey, encodeURIComponent(apiKey)];
  const look = (where: string, text: string) => {
    if (parts.some((key) => text.includes(key)))
      faults.push(fault('keysShown', `${where} shows it.`));
  };
  // The key of one variant is a common word, to see what it does to verdicts.
  if (apiKey.length < 10) return faults;
  for (const { path, body, headers } of sighting.requests) {
    look('A path', path);
    look('A body', body);
    for (const [name, value] of headers) if (name !== authHeader) look(`The header ${name}`, value);
  }
  for (const { outcome, error } of sighting.endings) {
    look('The outcome', shown(outcome));
    look('An error', shown(error));
    look('The outcome as JSON', JSON.stringify(outcome) ?? '');
    const { error: reason } = (outcome ?? {}) as { error?: { message?: unknown; stack?: unknown } };
    look('An error text', `${String(reason?.message)} ${String(reason?.stack)}`);
  }
  look('An event', shown(sighting.events));
  look('An event as JSON', JSON.stringify(sighting.events));
  return faults;
}

const shown = (value: unknown): string =>
  inspect(value, { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null });
