/** A moment as the server writes it. */
export interface ServerMoment {
  /** By the server's clock. `NaN` where the text names no time zone. */
  readonly at: number;
  /** How exact it is: what happened within one tick bears the same text. */
  readonly tickMs: number;
  /** The same for a server that fills up with zeros what it does not keep, such as `:00.000Z`. */
  readonly filledTickMs: number;
}

/** The tick of a server that keeps whole seconds. */
export const secondMs = 1000;
const minuteMs = 60 * secondMs;
// The coarsest first.
const filledTicks = [minuteMs, 10 * secondMs, secondMs];
const dayMs = 24 * 60 * minuteMs;

const form =
  /^\d{4}-\d\d-\d\d(?:[T ](?<minutes>\d\d:\d\d)(?<seconds>:\d\d(?:\.(?<fraction>\d+))?)?)?\s?(?<zone>Z|[+-]\d\d:?\d\d)?$/i;

/**
 * Reads a moment in ISO 8601, the documented form; `undefined` for any other text.
 *
 * Without a zone it says nothing about our clock: `Date.parse` would take it for our own local time.
 */
export function serverMoment(text: string | undefined): ServerMoment | undefined {
  const parts = form.exec(text ?? '')?.groups;
  if (text === undefined || parts === undefined) return undefined;
  const { minutes, seconds = '', fraction = '', zone } = parts;
  const secondTick = Math.max(1, secondMs / 10 ** fraction.length);
  const tickMs = minutes === undefined ? dayMs : seconds === '' ? minuteMs : secondTick;
  const at = Date.parse(text);
  const wholeMs = Number(seconds.slice(1, 3)) * secondMs;
  const filledMs = filledTicks.find((each) => !/[1-9]/.test(fraction) && wholeMs % each === 0);
  const filledTickMs = Math.max(tickMs, filledMs ?? 0);
  return { at: zone === undefined ? Number.NaN : at, tickMs, filledTickMs };
}

/** How exact the time of the last update is; `undefined` where there is none that can be read. */
export function tickOfUpdateMs({
  createdAt,
  updatedAt,
}: {
  readonly createdAt: string | undefined;
  readonly updatedAt: string | undefined;
}): number | undefined {
  const updated = serverMoment(updatedAt);
  if (updated === undefined) return undefined;
  // Zeros at the end may be chance. They are the rule where both times have them.
  const alsoMs = serverMoment(createdAt)?.filledTickMs ?? secondMs;
  return Math.max(updated.tickMs, Math.min(updated.filledTickMs, alsoMs));
}
