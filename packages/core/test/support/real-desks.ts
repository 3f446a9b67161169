import type { Lifecycle } from '../../src/index.ts';

/** A definition, as far as the desks need one. */
export interface DeskConfig {
  readonly initial: string;
  readonly states: Readonly<Record<string, DeskState>>;
}

interface DeskState {
  /** Where another than its own name. */
  readonly status?: string;
  readonly on: Readonly<Record<string, string>>;
}

/** How the tickets of a desk go, and what its people change in their definition over the years. */
export interface RealDesk extends DeskConfig {
  readonly name: string;
  /** How often an event is taken where it is possible; 1 where it is not named. */
  readonly weights: Readonly<Record<string, number>>;
  /** How often a row is what the definition forbids: someone set the status by hand. */
  readonly byHand: number;
  /** How often the log repeats a status: something else about the ticket changed. */
  readonly repeats: number;
  readonly edits: readonly string[];
}

export const realDesks: readonly RealDesk[] = [
  {
    name: 'help desk with rework',
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress', CLOSE: 'closed' } },
      'in-progress': { on: { ASK: 'waiting', RESOLVE: 'resolved', GIVE_BACK: 'open' } },
      waiting: { status: 'in-progress', on: { ANSWER: 'in-progress', SILENCE: 'resolved' } },
      resolved: { on: { CONFIRM: 'closed', DISPUTE: 'rework' } },
      rework: { status: 'in-progress', on: { ASK: 'waiting', RESOLVE: 'resolved' } },
      closed: { on: { REOPEN: 'open' } },
    },
    weights: { START: 9, ASK: 4, RESOLVE: 6, ANSWER: 5, CONFIRM: 7, DISPUTE: 3, REOPEN: 0.4 },
    byHand: 0.03,
    repeats: 0.1,
    edits: [
      'drop open CLOSE',
      'drop in-progress GIVE_BACK',
      'drop waiting SILENCE',
      'drop waiting ANSWER',
      'drop closed REOPEN',
      'drop rework RESOLVE',
      'add resolved REOPEN open',
      'add closed DISPUTE rework',
      'add waiting CLOSE closed',
      'lead waiting ANSWER open',
      'lead closed REOPEN rework',
      'lead in-progress RESOLVE closed',
      'lead open START waiting',
      'status waiting open',
      'status rework open',
      'remove rework',
      'remove waiting',
      'rename waiting on-customer',
      'begin in-progress',
      'begin waiting',
    ],
  },
  {
    name: 'IT incidents with holds',
    initial: 'new',
    states: {
      new: { status: 'open', on: { TRIAGE: 'assigned', DUPLICATE: 'closed' } },
      assigned: { status: 'open', on: { START: 'working', REASSIGN: 'new' } },
      working: {
        status: 'in-progress',
        on: { VENDOR: 'on-vendor', CHANGE: 'on-change', FIX: 'fixed', ESCALATE: 'assigned' },
      },
      'on-vendor': { status: 'in-progress', on: { REPLY: 'working', WORKAROUND: 'fixed' } },
      'on-change': { status: 'in-progress', on: { RELEASE: 'working', CANCEL: 'closed' } },
      fixed: { status: 'resolved', on: { VERIFY: 'closed', RECUR: 'working' } },
      closed: { on: { RECUR: 'working' } },
    },
    weights: {
      TRIAGE: 12,
      START: 8,
      FIX: 6,
      VENDOR: 3,
      CHANGE: 2,
      REPLY: 6,
      VERIFY: 9,
      RECUR: 0.6,
    },
    byHand: 0.05,
    repeats: 0.25,
    edits: [
      'drop new DUPLICATE',
      'drop assigned REASSIGN',
      'drop working ESCALATE',
      'drop on-vendor WORKAROUND',
      'drop on-change CANCEL',
      'drop fixed RECUR',
      'drop closed RECUR',
      'add new FIX fixed',
      'add on-change FIX fixed',
      'add closed AUDIT fixed',
      'lead closed RECUR new',
      'lead working FIX closed',
      'lead new DUPLICATE fixed',
      'status on-vendor open',
      'status on-change resolved',
      'status assigned in-progress',
      'remove on-change',
      'remove assigned',
      'rename fixed awaiting-verification',
      'begin assigned',
    ],
  },
  {
    name: 'approvals with many short cuts',
    initial: 'draft',
    states: {
      draft: { status: 'open', on: { SUBMIT: 'review', EXPEDITE: 'approved', WITHDRAW: 'closed' } },
      review: {
        status: 'in-progress',
        on: { PASS: 'legal', APPROVE: 'approved', REJECT: 'rejected', RETURN: 'draft' },
      },
      legal: {
        status: 'in-progress',
        on: { APPROVE: 'approved', REJECT: 'rejected', WAIVE: 'done' },
      },
      approved: { status: 'resolved', on: { DELIVER: 'done', REVOKE: 'review' } },
      rejected: { status: 'resolved', on: { APPEAL: 'review', ACCEPT: 'done' } },
      done: { status: 'closed', on: { RENEW: 'draft' } },
      closed: { on: { RENEW: 'draft' } },
    },
    weights: { SUBMIT: 5, EXPEDITE: 3, APPROVE: 4, PASS: 3, DELIVER: 6, RENEW: 0.3, RETURN: 2 },
    byHand: 0.15,
    repeats: 0.05,
    edits: [
      'drop draft EXPEDITE',
      'drop approved DELIVER',
      'drop review APPROVE',
      'drop review RETURN',
      'drop legal WAIVE',
      'drop approved REVOKE',
      'drop rejected APPEAL',
      'drop done RENEW',
      'add draft SIGN done',
      'add review EXPIRE closed',
      'add rejected DROP closed',
      'add closed REVIVE approved',
      'lead review REJECT closed',
      'lead rejected APPEAL legal',
      'lead done RENEW review',
      'status legal open',
      'status rejected closed',
      'remove legal',
      'rename approved granted',
      'begin review',
    ],
  },
];

/** Changes a definition as an edit says: `drop STATE EVENT`, `lead STATE EVENT TO` and so on. */
export function editDesk({ initial, states }: DeskConfig, edit: string): DeskConfig {
  const [what, name = '', second = '', to = ''] = edit.split(' ');
  const state = states[name];
  if (state === undefined) throw new Error(`${edit}: no such state`);
  const has = Object.hasOwn(state.on, second);
  const withOn = (on: DeskState['on']) => ({
    initial,
    states: { ...states, [name]: { ...state, on } },
  });
  const renamed = (key: string) => (key === name ? second : key);
  switch (what) {
    case 'drop': {
      const { [second]: gone, ...others } = state.on;
      if (gone === undefined) throw new Error(`${edit}: no such event`);
      return withOn(others);
    }
    case 'add':
    case 'lead':
      if (has !== (what === 'lead')) throw new Error(`${edit}: that is another kind of edit`);
      return withOn({ ...state.on, [second]: to });
    case 'status':
      return { initial, states: { ...states, [name]: { ...state, status: second } } };
    case 'begin':
      return { initial: name, states };
    case 'remove':
      return mapStates(
        initial,
        states,
        (key) => key,
        ([key, end]) => key !== name && end !== name,
      );
    case 'rename':
      return mapStates(renamed(initial), states, renamed, () => true);
    default:
      throw new Error(`${edit}: no such edit`);
  }
}

function mapStates(
  initial: string,
  states: DeskConfig['states'],
  nameOf: (state: string) => string,
  isKept: (way: readonly [from: string, to: string]) => boolean,
): DeskConfig {
  const left = Object.entries(states).filter(([key]) => isKept([key, '']));
  return {
    initial,
    states: Object.fromEntries(
      left.map(([key, { status, on }]) => {
        const ways = Object.entries(on).filter(([, end]) => isKept([key, end]));
        const mapped = ways.map(([event, end]) => [event, nameOf(end)]);
        // A new name alone changes no status.
        const kept = status ?? (nameOf(key) === key ? undefined : key);
        return [
          nameOf(key),
          { ...(kept !== undefined && { status: kept }), on: Object.fromEntries(mapped) as object },
        ];
      }),
    ) as DeskConfig['states'],
  };
}

/** The definition as JSON has it; a state that nothing leaves is final. */
export function definitionOf({ initial, states }: DeskConfig) {
  const written = Object.entries(states).map(([name, { status, on }]) => [
    name,
    {
      ...(status !== undefined && { meta: { status } }),
      ...(Object.keys(on).length > 0 ? { on } : { type: 'final' }),
    },
  ]);
  return { initial, states: Object.fromEntries(written) as object };
}

/** Pseudo-random numbers from 0 to 1, the same for the same seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let at = seed;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), at | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A log of a desk, ticket by ticket: usual ways often, rare ones rarely, and what people did by hand. */
export function logOf(desk: RealDesk, lifecycle: Lifecycle, tickets: number): string[][] {
  const draw = numbersFrom(tickets);
  const pick = <Item>(items: readonly Item[], weightOf: (item: Item) => number) => {
    let left = draw() * items.reduce((sum, item) => sum + weightOf(item), 0);
    return items.find((item) => (left -= weightOf(item)) < 0);
  };
  return Array.from({ length: tickets }, () => {
    let state = lifecycle.initial;
    const statuses = [String(lifecycle.statusOf(state))];
    // A few tickets have a long life, and most end when they are closed for the first time.
    while (statuses.length < 40 && !(lifecycle.statusOf(state) === 'closed' && draw() < 0.85)) {
      if (draw() < desk.byHand) {
        state = pick(lifecycle.states, () => 1) ?? state;
      } else {
        const ways = lifecycle.edges.filter(({ from }) => from === state);
        const way = pick(ways, ({ event }) => desk.weights[event] ?? 1);
        if (way === undefined) break;
        state = way.to;
      }
      const status = String(lifecycle.statusOf(state));
      // A log of statuses does not show a change within one.
      if (status !== statuses.at(-1)) statuses.push(status);
      if (draw() < desk.repeats) statuses.push(status);
    }
    return statuses;
  });
}
