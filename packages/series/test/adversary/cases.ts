import type { TicketStatus } from '@ticket-lifecycle/core';
import type { Outcome } from '@ticket-lifecycle/series';
import {
  colleagueParts,
  echoReads,
  echoWrites,
  honestRead,
  honestWrite,
  lateWrites,
  lostWrites,
  readParts,
  writeParts,
  type ColleaguePart,
  type ReadPart,
  type WritePart,
} from './tables.ts';

export type Kind = Outcome['kind'];

/** One change that is asked for. The staff member tells whose write it is. */
export interface Step {
  readonly event: 'START' | 'RESOLVE' | 'CLOSE' | 'REOPEN';
  readonly from: TicketStatus;
  readonly to: TicketStatus;
  readonly staffUserId: number;
}

/** What a variant of use changes in what may be expected. */
export interface Traits {
  /** Whether the ticket is read before the first change. */
  readonly readsFirst: boolean;
  readonly settles: boolean;
  readonly resends: boolean;
  readonly verifies: boolean;
  /** Whether START is made by a claim. Only one claim of a ticket is taken. */
  readonly claims: boolean;
  /** Whether a whole way is asked for instead of one event. */
  readonly moves: boolean;
  /** Whether the caller's own fetch tries again. */
  readonly retriesItself: boolean;
  /** How long an attempt may take. */
  readonly timeoutMs: number;
}

/** Between two steps: time passes, and somebody may change the ticket. */
export interface Between {
  readonly waitMs: number;
  readonly status?: TicketStatus;
}

/** How the ticket looks at first, and how the server's clock stands. */
export interface Scene {
  readonly createdAgoMs: number;
  readonly updatedAgoMs: number;
  readonly skewMs: number;
}

export interface Case {
  /** Reads as a sentence. */
  readonly name: string;
  readonly table: string;
  readonly steps: readonly Step[];
  readonly isAtOnce: boolean;
  /** What happens to the first write of each step; all other writes are honest. */
  readonly writes: readonly WritePart[];
  readonly readsBefore: ReadPart;
  readonly readsAfter: ReadPart;
  readonly colleague: ColleaguePart | undefined;
  readonly between: Between | undefined;
  readonly scene: Scene;
  /** The kinds of outcome that are right for a step; `undefined` where only the record judges. */
  readonly expected: (traits: Traits, step: number) => readonly Kind[] | undefined;
}

type Draft = Partial<Omit<Case, 'expected'>> &
  Pick<Case, 'name' | 'table'> & {
    readonly expected?: (
      usual: readonly Kind[] | undefined,
      traits: Traits,
      step: number,
    ) => readonly Kind[] | undefined;
  };

const day = 86_400_000;
const usualScene: Scene = { createdAgoMs: day, updatedAgoMs: day, skewMs: 0 };

const stepsOf = (...events: Step['event'][]): Step[] =>
  events.map((event, index) => {
    const [from, to] = edges[event];
    return { event, from, to, staffUserId: 101 + index };
  });

const edges = {
  START: ['open', 'in-progress'],
  RESOLVE: ['in-progress', 'resolved'],
  CLOSE: ['resolved', 'closed'],
  REOPEN: ['closed', 'open'],
} as const satisfies Record<Step['event'], readonly [TicketStatus, TicketStatus]>;

/** Completes a case, and works out what may be expected from what its parts show. */
function compose(draft: Draft): Case {
  const { expected, ...given } = draft;
  const one = {
    steps: stepsOf('START'),
    isAtOnce: true,
    writes: [],
    readsBefore: honestRead,
    readsAfter: honestRead,
    colleague: undefined,
    between: undefined,
    scene: usualScene,
    ...given,
  };
  const usual = (traits: Traits, step: number) => usuallyExpected(one, traits, step);
  return {
    ...one,
    expected:
      expected === undefined
        ? usual
        : (traits, step) => expected(usual(traits, step), traits, step),
  };
}

function usuallyExpected(
  one: Omit<Case, 'expected'>,
  traits: Traits,
  step: number,
): readonly Kind[] | undefined {
  if (one.colleague !== undefined || one.between !== undefined) return undefined;
  if (step === 0) return firstExpected(one, traits);
  // What follows is clear only where everything before is.
  const before = usuallyExpected(one, traits, step - 1);
  const isClear = before?.length === 1 && before[0] === 'confirmed';
  if (!isClear || one.readsAfter !== honestRead || traits.retriesItself) return undefined;
  return writeExpected(one.writes[step] ?? honestWrite, one, traits, step);
}

function firstExpected(one: Omit<Case, 'expected'>, traits: Traits): readonly Kind[] {
  const written = writeExpected(one.writes[0] ?? honestWrite, one, traits, 0);
  if (!traits.readsFirst) return written;
  const { times, first } = one.readsBefore;
  if (first !== undefined) return [first];
  if (showsOf(one.readsBefore, traits) === 'nothing') return ['not-sent', 'refused', 'blocked'];
  return times < Infinity && times > 3 ? [...written, 'not-sent', 'refused'] : written;
}

function writeExpected(
  part: WritePart,
  one: Omit<Case, 'expected'>,
  traits: Traits,
  step: number,
): readonly Kind[] {
  const { isApplied, isLie, takesMs = 0 } = part;
  const shows = part.shows === 'applied' && takesMs >= traits.timeoutMs ? 'doubt' : part.shows;
  const seen = showsOf(one.readsAfter, traits);
  const own: Kind[] = traits.retriesItself ? ['confirmed'] : [];
  switch (shows) {
    case 'refused':
      return ['refused'];
    case 'limited':
      return [
        'confirmed',
        ...(traits.verifies && seen === 'nothing' ? unknown : []),
        // The second claim is refused, because the first was taken.
        ...(traits.claims && isLie === true ? (['refused'] as const) : []),
      ];
    case 'unreachable':
      return ['confirmed', 'not-sent'];
    case 'applied':
      if (!traits.verifies) return ['confirmed'];
      if (isLie === true) return ['unknown', 'refused', 'not-sent'];
      return seen === 'nothing' ? ['unknown', 'confirmed'] : ['confirmed'];
    case 'applied-or-doubt':
      return (['applied', 'doubt'] as const).flatMap((either) =>
        writeExpected({ ...part, shows: either }, one, traits, step),
      );
    case 'doubt': {
      if (!traits.settles) return ['unknown', ...own];
      const isSeen = seen === 'all' || (seen === 'status' && isApplied);
      if (!isSeen) return ['unknown', ...own];
      if (isApplied) return ['confirmed'];
      // That it was not applied is known; whether to send again is a matter of taste.
      const ended: Kind[] = ['not-sent', 'refused', ...(traits.resends ? confirmed : [])];
      return step === 0 && isProvable(one, traits)
        ? [...ended, ...own]
        : [...ended, 'unknown', ...own];
    }
  }
}

/** Patience decides, too, what a read shows. */
const showsOf = ({ shows, answerAfterMs = 0 }: ReadPart, { timeoutMs }: Traits) =>
  answerAfterMs < timeoutMs ? shows : 'nothing';

const unknown: readonly Kind[] = ['unknown'];
const confirmed: readonly Kind[] = ['confirmed'];

/**
 * Whether a ticket that nobody touched can be told from one that was changed and changed back.
 * After a change of our own it can't: the ticket was touched just now, and was not read since.
 */
function isProvable(
  { scene, readsBefore, readsAfter }: Omit<Case, 'expected'>,
  traits: Traits,
): boolean {
  const { createdAgoMs, updatedAgoMs } = scene;
  const isLongAgo = updatedAgoMs > 5000;
  const parts = traits.readsFirst ? [readsBefore, readsAfter] : [readsAfter];
  const forms = parts.map(({ name }) => name.includes('by the second'));
  if (new Set(forms).size > 1) return false;
  // Whether a second had ended before the change was sent: only the server's clock tells.
  if (forms[0] === true && readsAfter.name.includes('no date')) return false;
  if (createdAgoMs === updatedAgoMs && isLongAgo) return true;
  if (traits.readsFirst && readsBefore.shows === 'all' && forms[0] === false) return true;
  return isLongAgo && !readsAfter.name.includes('no date');
}

const writeCases = writeParts.map((write) =>
  compose({ table: 'one write', name: `START is ${write.name}`, writes: [write] }),
);

const lateCases = lateWrites.map((write) =>
  compose({ table: 'late', name: `START is sent: ${write.name}`, writes: [write] }),
);

const lostThenRead = lostWrites.flatMap((write) =>
  readParts
    .filter((part) => part !== honestRead)
    .map((readsAfter) =>
      compose({
        table: 'lost, then read',
        name: `START is ${write.name}; then ${readsAfter.name}`,
        writes: [write],
        readsAfter,
        // No server changes the form of its times between two answers.
        ...(readsAfter.name.includes('by the second') ? { readsBefore: readsAfter } : {}),
      }),
    ),
);

const readFirst = [...readParts, ...echoReads]
  .filter((part) => part !== honestRead)
  .map((readsBefore) =>
    compose({ table: 'read first', name: `Before START, ${readsBefore.name}`, readsBefore }),
  );

const colleagues = colleagueParts.flatMap((colleague) =>
  [honestWrite, ...lostWrites.filter(({ name }) => !name.includes('502'))].map((write) =>
    compose({
      table: 'colleagues',
      name: `While START is ${write.name}, ${colleague.name}`,
      writes: [write],
      colleague,
      expected: (_, { readsFirst, moves }) => {
        if (colleague.moment !== 'before all' || !readsFirst || moves) return undefined;
        const first = colleague.moves[0]?.[0] ?? 'open';
        if (colleague.moves.length > 1 || first === 'open') return undefined;
        return first === 'in-progress' || first === 'claim' ? ['unchanged'] : ['blocked'];
      },
    }),
  ),
);

const sequences = [
  ...[...lostWrites, ...lateWrites].map((write) =>
    compose({
      table: 'sequences',
      name: `START and RESOLVE are asked for at once, and START is ${write.name}`,
      steps: stepsOf('START', 'RESOLVE'),
      writes: [write],
    }),
  ),
  ...[...lostWrites, ...lateWrites.filter((_, index) => index % 3 === 0)].map((write) =>
    compose({
      table: 'sequences',
      name: `RESOLVE is asked for when START has ended, and START is ${write.name}`,
      steps: stepsOf('START', 'RESOLVE'),
      isAtOnce: false,
      writes: [write],
    }),
  ),
  ...lostWrites.map((write) =>
    compose({
      table: 'sequences',
      name: `Of START, RESOLVE and CLOSE at once, RESOLVE is ${write.name}`,
      steps: stepsOf('START', 'RESOLVE', 'CLOSE'),
      writes: [honestWrite, write],
    }),
  ),
  ...lateWrites
    .filter((_, index) => index % 5 === 0)
    .map((write) =>
      compose({
        table: 'sequences',
        name: `Of START, RESOLVE and CLOSE at once, START and RESOLVE are lost: ${write.name}`,
        steps: stepsOf('START', 'RESOLVE', 'CLOSE'),
        writes: [write, write],
      }),
    ),
  // A colleague does the same while ours is still under way: what follows has to wait for ours.
  ...lateWrites
    .filter(({ reply }) => typeof reply.apply === 'number' && reply.apply >= 2000)
    .map((write) =>
      compose({
        table: 'sequences',
        name: `A colleague starts it as well, RESOLVE follows, and START is ${write.name}`,
        steps: stepsOf('START', 'RESOLVE'),
        writes: [write],
        colleague: {
          name: 'a colleague does the same',
          moment: 'as the write comes',
          moves: [['in-progress', 50]],
        },
      }),
    ),
];

const memories = [100, 5000, 120_000, 30 * day].flatMap((waitMs) =>
  (
    [
      ['START', 'START', 'open', ['confirmed']],
      ['START', 'RESOLVE', 'closed', ['blocked']],
      ['START', 'RESOLVE', 'resolved', ['unchanged']],
      ['START', 'RESOLVE', 'open', ['blocked']],
    ] as const
  ).map(([first, second, status, right]) =>
    compose({
      table: 'memory',
      name: `${first} is confirmed, ${waitMs} ms later a colleague has set it to ${status}, then ${second}`,
      steps: stepsOf(first, second),
      isAtOnce: false,
      between: { waitMs, status },
      expected(_, { readsFirst, claims, moves }, step) {
        if (step === 0) return ['confirmed'];
        if (claims && second === 'START') return ['refused'];
        // Within a minute memory may be trusted for a write, never for a verdict.
        const isRead = waitMs > 60_000 || second === 'START';
        return readsFirst && !moves && isRead ? right : undefined;
      },
    }),
  ),
);

const scenes = [0, 200, 900, 1500, 60_000].flatMap((updatedAgoMs) =>
  [0, 3000, -3000, 3_600_000, -3_600_000].flatMap((skewMs) =>
    ['as it is', 'by the second', 'no date'].map((shown) => {
      const [write = honestWrite] = lostWrites.filter(({ isApplied }) => !isApplied);
      const reads =
        readParts.find(({ name, shows }) => shows === 'all' && name.includes(shown)) ?? honestRead;
      return compose({
        table: 'clocks',
        name: `START is ${write.name}; the server's clock is ${skewMs} ms ahead, the ticket was changed ${updatedAgoMs} ms ago, and ${reads.name}`,
        writes: [write],
        readsBefore: reads,
        readsAfter: reads,
        scene: { createdAgoMs: day, updatedAgoMs, skewMs },
      });
    }),
  ),
);

const echoes = [
  ...echoWrites.map((write) =>
    compose({ table: 'the key', name: `START is ${write.name}`, writes: [write] }),
  ),
  ...echoReads.flatMap((readsAfter) =>
    lostWrites
      .filter(({ name }) => name.includes('reset'))
      .map((write) =>
        compose({
          table: 'the key',
          name: `START is ${write.name}; then ${readsAfter.name}`,
          writes: [write],
          readsAfter,
        }),
      ),
  ),
];

/** All cases, each with a name of its own. */
export const cases: readonly Case[] = [
  ...writeCases,
  ...lateCases,
  ...lostThenRead,
  ...readFirst,
  ...colleagues,
  ...sequences,
  ...memories,
  ...scenes,
  ...echoes,
];

/** A case of parts that were drawn by lot. */
export function drawCase(random: () => number, name: string): Case {
  const draw = <Part>(from: readonly [Part, ...Part[]] | readonly Part[]): Part =>
    from[Math.floor(random() * from.length)] as Part;
  const mostly = <Part>(usual: Part, from: readonly Part[], chance: number): Part =>
    random() < chance ? draw(from) : usual;
  const events = (['START', 'RESOLVE', 'CLOSE', 'REOPEN'] as const).slice(0, draw([1, 1, 2, 3, 4]));
  const anyWrite = [...writeParts, ...lateWrites, ...lateWrites, ...lostWrites, ...echoWrites];
  const anyRead = [...readParts, ...echoReads];
  const isAtOnce = random() < 0.6;
  const updatedAgoMs = draw([0, 200, 1500, 60_000, day]);
  const waitMs = draw([0, 100, 5000, 120_000]);
  const writes = events.map(() => mostly(honestWrite, anyWrite, 0.7));
  const readsBefore = mostly(honestRead, anyRead, 0.2);
  const readsAfter = mostly(honestRead, anyRead, 0.4);
  const colleague = mostly(undefined, colleagueParts, 0.25);
  const told = [
    ...events.map((event, index) => `${event} is ${writes[index]?.name}`),
    `before, ${readsBefore.name}`,
    `then, ${readsAfter.name}`,
    ...(colleague === undefined ? [] : [colleague.name]),
  ];
  return compose({
    table: 'drawn by lot',
    name: `${name}: ${told.join('; ')}`,
    steps: stepsOf(...events),
    isAtOnce,
    writes,
    readsBefore,
    readsAfter,
    colleague,
    between: isAtOnce ? undefined : mostly(undefined, [{ waitMs }], 0.5),
    scene: { createdAgoMs: day, updatedAgoMs, skewMs: draw([0, 0, 3000, -3000, 3_600_000]) },
  });
}
