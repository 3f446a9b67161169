/*
 * What every event does in every state, as data: the verdicts of core, written down when the picture
 * is drawn. A page that shows them needs no machine, no guards and no engine, and can't judge
 * differently from core.
 */

/** The verdicts of a lifecycle for one context. Events and states are named by their positions. */
export interface VerdictTable {
  readonly version: 1;
  readonly initial: number;
  readonly events: readonly string[];
  readonly states: readonly StateVerdicts[];
}

/** What each event does in one state. */
export interface StateVerdicts {
  readonly name: string;
  readonly label: string;
  readonly status: string;
  readonly open: readonly OpenEvent[];
  /** Events with an edge that is blocked, each with its reasons. */
  readonly blocked: readonly (readonly [event: number, reasons: readonly string[]])[];
  /** Why all other events are blocked: a sentence, cut where it names the event. */
  readonly otherwise: readonly string[];
  /** The same for those that this sentence does not fit. */
  readonly others?: readonly (readonly [event: number, reason: string])[];
}

/**
 * An event that is possible, where it leads, and the fields that it has to carry; where these decide
 * between several states, all of them.
 */
export type OpenEvent = readonly [
  event: number,
  to: number,
  needs?: readonly string[],
  targets?: readonly number[],
];

/** Why an event is blocked in a state, or where it leads. */
export type TableVerdict =
  | {
      readonly allowed: true;
      readonly to: StateVerdicts;
      readonly needs: readonly string[];
      /** All states that it may lead to; `to` is the first. */
      readonly targets: readonly StateVerdicts[];
    }
  | {
      readonly allowed: false;
      readonly reasons: readonly string[];
      /** Whether an edge is there, and only its conditions don't hold. */
      readonly hasEdge: boolean;
    };

/** Reads the verdict on an event in a state, both by their positions. */
export function verdictIn(
  { events, states }: VerdictTable,
  state: number,
  event: number,
): TableVerdict {
  const { open = [], blocked = [], others = [], otherwise = [] } = states[state] ?? {};
  const [, target = -1, needs = [], targets = [target]] = open.find(([one]) => one === event) ?? [];
  const to = states[target];
  if (to !== undefined) {
    return { allowed: true, to, needs, targets: targets.flatMap((one) => states[one] ?? []) };
  }
  const reasons = blocked.find(([one]) => one === event)?.[1];
  const other = others.find(([one]) => one === event)?.[1];
  return {
    allowed: false,
    reasons: reasons ?? [other ?? otherwise.join(events[event] ?? '')],
    hasEdge: reasons !== undefined,
  };
}

/** Reads a table that came from a file, or says what is wrong with it. */
export function readVerdictTable(text: string): VerdictTable | string {
  let table: unknown;
  try {
    table = JSON.parse(text);
  } catch {
    return 'its verdicts are not valid JSON';
  }
  if (!isRecord(table)) return 'its verdicts are not an object';
  if (table['version'] !== 1) {
    return 'its verdicts are of another version. Draw it again with the same version of the package';
  }
  const { initial, events, states } = table;
  const isTable =
    isTexts(events) &&
    Array.isArray(states) &&
    isPosition(initial, states) &&
    states.every((state) => isState(state, events, states));
  return isTable ? (table as unknown as VerdictTable) : 'its verdicts are damaged. Draw it again';
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isPosition = (value: unknown, list: readonly unknown[]): boolean =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < list.length;

function isState(value: unknown, events: readonly string[], states: readonly unknown[]): boolean {
  if (!isRecord(value)) return false;
  const { open, blocked, others = [] } = value;
  return (
    [value['name'], value['label'], value['status']].every(isText) &&
    isTexts(value['otherwise']) &&
    Array.isArray(open) &&
    open.every(
      (row) =>
        Array.isArray(row) &&
        isPosition(row[0], events) &&
        isPosition(row[1], states) &&
        (row[2] === undefined || isTexts(row[2])) &&
        (row[3] === undefined ||
          (Array.isArray(row[3]) && row[3].every((one) => isPosition(one, states)))),
    ) &&
    Array.isArray(blocked) &&
    blocked.every((row) => Array.isArray(row) && isPosition(row[0], events) && isTexts(row[1])) &&
    Array.isArray(others) &&
    others.every((row) => Array.isArray(row) && isPosition(row[0], events) && isText(row[1]))
  );
}
