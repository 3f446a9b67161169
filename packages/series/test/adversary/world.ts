import type { Outcome, OutcomeRecord } from '@ticket-lifecycle/series';
import { honest } from './answers.ts';
import type { Case, Step } from './cases.ts';
import { HandClock } from './hand-clock.ts';
import {
  nextTurn,
  RawServer,
  type Applied,
  type Reply,
  type ServerTicket,
  type WireRequest,
} from './server.ts';
import type { Moment, ReadPart } from './tables.ts';
import { ticketId, type Driver, type Variant } from './variants.ts';

/** How one step went, as it was seen from outside. */
export interface Ending {
  readonly step: Step;
  readonly askedAt: number;
  readonly endedAt: number;
  /** `undefined` where the call never ended. */
  readonly outcome: Outcome | OutcomeRecord | undefined;
  /** What the call was rejected with. */
  readonly error: unknown;
}

/** All that is known of a run. */
export interface Sighting {
  readonly endings: readonly Ending[];
  readonly events: readonly unknown[];
  readonly requests: readonly WireRequest[];
  readonly applied: readonly Applied[];
  /** Where the ticket stood at first, and where it stands long after. */
  readonly first: ServerTicket['status'];
  readonly last: ServerTicket['status'];
}

// Long after anything that was sent can still be under way.
const aftermathMs = 70_000;
// How long, by the real clock, a socket may keep us waiting. Only a fault of ours takes so long.
const longestStillMs = 5000;

/** Runs a case in one way of use, without a moment of real waiting. */
export async function run(one: Case, variant: Variant): Promise<Sighting> {
  const clock = new HandClock();
  const server = new RawServer({
    clock,
    tickets: [ticketOf(one, clock)],
    skewMs: one.scene.skewMs,
    script: (request) => scriptFor(request),
    hook: (moment, request) => colleagueActs(moment, request),
  });
  const first = one.steps[0]?.from ?? 'open';
  const events: unknown[] = [];
  const endings: Ending[] = [];
  let sleepers = 0;
  let attempts = 0;
  let driver: Driver | undefined;
  await server.listen();
  try {
    driver = variant.open({
      client: {
        baseUrl: server.url,
        clock,
        random: () => 0.5,
      },
      workflow: { clock },
      async sleep(ms) {
        sleepers += 1;
        await clock.sleep(ms);
        sleepers -= 1;
      },
      watch: (workflow) =>
        workflow.on((event) => {
          events.push(event);
          if (event.type === 'sent') attempts += 1;
          if (event.type === 'answered') attempts -= 1;
        }),
    });
    if (one.colleague?.moment === 'before all') moves();
    await live(driver);
    await pass(clock.now() + aftermathMs);
    await finish(driver.close());
  } finally {
    server.close();
  }
  const { requests, applied } = server;
  const last = server.tickets.get(ticketId)?.status ?? first;
  return { endings, events, requests, applied, first, last };

  async function live({ ask }: Driver): Promise<void> {
    const asking = async (step: Step, index: number) => {
      const askedAt = clock.now();
      const end = (more: Pick<Ending, 'outcome' | 'error'>) => {
        const endedAt = clock.now();
        endings[index] = { step, askedAt, endedAt, ...more };
      };
      end({ outcome: undefined, error: undefined });
      await ask(step, index).then(
        (outcome) => end({ outcome, error: undefined }),
        (error: unknown) => end({ outcome: undefined, error }),
      );
    };
    if (one.isAtOnce) return finish(Promise.all(one.steps.map(asking)));
    for (const [index, step] of one.steps.entries()) {
      await finish(asking(step, index));
      if (one.between === undefined || index === one.steps.length - 1) continue;
      const { waitMs, status } = one.between;
      await pass(clock.now() + waitMs);
      if (status !== undefined) server.colleague(ticketId, { status });
    }
  }

  /** Passes as much time as a promise needs, or gives up when nothing moves any more. */
  async function finish(promise: Promise<unknown>): Promise<void> {
    let isDone = false;
    void promise.finally(() => (isDone = true));
    for (;;) {
      await quiet(() => isDone);
      if (isDone || !clock.fireNext()) return;
    }
  }

  async function pass(until: number): Promise<void> {
    clock.setTimeout(() => {}, until - clock.now());
    do await quiet(() => false);
    while (clock.fireNext(until));
  }

  /** Waits until nothing moves on any socket: time may pass only then. */
  async function quiet(isDone: () => boolean): Promise<void> {
    let seen = server.activity;
    let since = performance.now();
    for (let still = 0; ; still += 1) {
      await nextTurn();
      if (isDone()) return;
      if (seen !== server.activity) {
        seen = server.activity;
        since = performance.now();
        still = 0;
      }
      const isUnderWay = attempts > server.held + sleepers;
      if (isUnderWay ? performance.now() - since > longestStillMs : still >= 4) return;
    }
  }

  function scriptFor(request: WireRequest): Reply {
    const usual: Reply = { apply: 'before', answer: honest };
    const { call } = request;
    if (call === undefined) return usual;
    const before = server.requests.slice(0, request.number - 1);
    if (call.kind === 'read') return readReply(before);
    const index = one.steps.findIndex(({ staffUserId }) => staffUserId === call.staffUserId);
    const isFirst = !before.some((r) => r.call?.staffUserId === call.staffUserId);
    return (isFirst ? one.writes[index]?.reply : undefined) ?? usual;
  }

  function readReply(before: readonly WireRequest[]): Reply {
    const written = before.findIndex(({ call }) => call !== undefined && call.kind !== 'read');
    const part: ReadPart = written < 0 ? one.readsBefore : one.readsAfter;
    const nth = before.length - Math.max(written, 0);
    const isTreated = nth <= part.times;
    if (!isTreated) return { apply: 'never', answer: honest };
    const { answer, answerAfterMs = 0 } = part;
    return { apply: 'never', answer, answerAfterMs };
  }

  function colleagueActs(moment: 'arrives' | 'applied' | 'answered', request: WireRequest): void {
    const kind = request.call?.kind === 'read' ? 'read' : 'write';
    const named: Moment | undefined =
      kind === 'read'
        ? moment === 'answered'
          ? 'after the read'
          : undefined
        : moment === 'arrives'
          ? 'as the write comes'
          : moment === 'applied'
            ? 'after it is applied'
            : undefined;
    if (named === undefined || named !== one.colleague?.moment) return;
    const isFirst = server.requests.filter(
      ({ call }) => (call?.kind === 'read') === (kind === 'read'),
    );
    if (isFirst[0] === request) moves();
  }

  function moves(): void {
    for (const [what, delayMs] of one.colleague?.moves ?? []) {
      const change =
        what === 'claim' ? { status: 'in-progress' as const, claimedBy: 77 } : { status: what };
      const act = () => server.colleague(ticketId, change);
      if (delayMs === 0) act();
      else clock.setTimeout(act, delayMs);
    }
  }
}

function ticketOf({ steps, scene }: Case, clock: HandClock): ServerTicket {
  const now = clock.now() + scene.skewMs;
  return {
    ticketId,
    status: steps[0]?.from ?? 'open',
    createdAt: now - scene.createdAgoMs,
    updatedAt: now - scene.updatedAgoMs,
    claimedBy: null,
  };
}
