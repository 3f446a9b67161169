/*
 * How a change gets from `accept` to its end. This file names the steps that a backend carries out;
 * worker/worker.ts takes them in turn; memory/memory-store.ts is their shortest description, and the
 * files sql/*.sql are the same for a fleet.
 *
 *   accept --notBefore--> later --its time has come--+
 *      |                                             v
 *      +-----------------------------------------> waiting
 *                                                    | claim: a turn, a slot, an attempt
 *                      retry <---- end ------------- v
 *                        |   <---- sweep, in doubt - active
 *                        +--------- claim ---------> |
 *                        ^                           | end
 *                        |             +-------------+-------------+
 *                        |             v                           v
 *                        +-redrive- dead, unknown -skip-> done, dropped, cancelled
 *
 *   step    who holds what from then on
 *   accept  The store holds the change, in its ticket's lane, in the order of commits.
 *   enter   The store knows a new life of the worker. Its name and its permit are one value
 *           (worker/lives.ts) that goes with every call: nothing is claimed, renewed or ended under
 *           the name of one life with the permit of another.
 *   claim   One transaction takes the first change of a lane and a slot of its key, and notes the
 *           attempt. The worker holds the change (`fence`) and the slot (`token`).
 *           With each claim the worker names all that it holds, and the store answers with what the
 *           two disagree about: `strays` (held, not named) and `lost` (named, not held).
 *   permit  The worker may send for 1.5 s after it last renewed its permit; asks the store again
 *           after that. See worker/permit.ts.
 *   send    The request carries the slot until its answer. The delivery decides how it ended.
 *   end     The ledger keeps ends and slots until the store has written them down. The same
 *           transaction lets the lane's next change go on. A slot cools down for one window.
 *   sweep   A worker whose session is gone and who was silent for 1.6 s, or for 3 s in any case, is
 *           declared dead. The same transaction puts its changes back, in doubt.
 *
 * A key that fails is paused. An end may say that its key is unusable, or silent for the third time
 * in a row, and nothing about its change (`keyFault`). Then no change of the key is claimed, but one
 * now and then (a second later, then after twice as long each time, up to a minute): the probe. One
 * that its key works for ends the pause. Of those that wait the one that failed longest ago is the
 * probe, so that one bad ticket can't keep the others waiting. One that ends without a request says
 * nothing of its key, and the next one is the probe at once. A change whose key failed it, and
 * worked for others since, fails by itself: it pauses nothing, says nothing of its key, and uses up
 * its attempts. A success counts from its claim: what was sent before the key was revoked neither
 * ends the pause nor is held against the changes that failed since.
 * `circuit.sql` and `memory/memory-circuit.ts` are the same.
 *
 * What holds at every moment, and why (test/model/protocol-model.ts is the same as an explicit-state
 * model; protocol.test.ts visits all its states, and shows that it sees what breaks the protocol):
 *
 * - A ticket's changes go one after another: only the first of a lane can be claimed, `retry`, `dead`
 *   and `unknown` keep their place, and the dispatch lock lets one worker at a time claim or end.
 * - No window of a second holds more requests than the limit: there are as many slots as requests,
 *   and each is free again only one window after the answer, by the clock of the store.
 * - Nothing is sent that the store does not know of: the attempt is committed before the request.
 * - Nothing is sent by a worker that lost its claim: a permit (1.5 s) runs out before anyone may
 *   declare its worker dead (1.6 s). It counts from before the question, by two clocks, and is
 *   checked right before the request (`beforeSend`) and again when the headers are written
 *   (`mayWrite`). The one gap: a process paused right after that check sends when it wakes, in the
 *   slot that is still kept for it. One that a person takes from a worker that lives waits until that
 *   worker has heard of it, with its next claim (`unawareMs`).
 * - An end counts once: it needs the life and the fence of its claim. Later ones change nothing, and
 *   one whose answer was lost is known again.
 * - What the store holds as under way under a life, its process knows, or learns with the next claim,
 *   a second later at most. A lost answer, a call that hangs and an end that the store forgot strand
 *   nothing: the worker ends its strays, and they go back. A stray of a claim whose answer never came
 *   was never started, so it is in no doubt. Any other was, so it is.
 * - "My permit ran out" is not "I was given up". A delivery whose permit ran out sends nothing and
 *   ends like any other (`retry`); whether its claim was still held is for the store to say.
 * - Nothing is sent twice blindly: a change in doubt is read first (series/settle-doubt.ts), and sent
 *   again only if its ticket proves untouched and the first request can no longer be under way. The
 *   proof needs to know when the request can have left: between the claim (`doubtFromMs`) and the end
 *   of the permit (`doubtMs`).
 *
 * If the process dies
 *
 *   before accept has committed    nothing is stored, like the rest of the caller's transaction.
 *   between accept and claim       the change waits for any other worker.
 *   between claim and send         it is in doubt. Its ticket is untouched, so it is sent, but only
 *                                  after `settleMs` (30 s): nobody knows that it had not left.
 *   between send and end           it is in doubt. Arrived: done at once. Untouched: sent after
 *                                  `settleMs`. Anything else: `unknown`, which a person decides.
 *   after its follow-ups, before   they are stored, and not again by the next attempt: their ids
 *   the end                        follow from that of the change. The other way round they could
 *                                  be lost.
 *   between end and the next claim nothing is open: the end and the lane's next turn are one commit.
 *   in a sweep                     its transaction has no effect, and the next worker sweeps.
 */
import type { AcceptOptions, StoredChange } from './change.ts';
import type { Life, ClaimRequest, Claim, ClaimEnd, Ended, Release, Taken } from './claim.ts';
import type { StoredHistory } from './safe-steps.ts';
import type { Inspect, Outbox } from './outbox.ts';
import type { WaitingPage, WaitingRecord } from './waiting-changes.ts';

/** A change that is to be stored. */
export interface NewChange extends Omit<AcceptOptions<never>, 'id' | 'tx'> {
  readonly id: string;
  readonly change: StoredChange;
}

/** Looks into a store. */
export interface StoreInspect extends Omit<Inspect, 'why' | 'waiting'> {
  waiting(page: WaitingPage): Promise<readonly WaitingRecord[]>;
  why(id: string): Promise<StoredHistory | undefined>;
}

/** What a look at the other workers has found. */
export interface Swept {
  /** Those that are dead now, each told once, and how many changes they held. */
  readonly dead: readonly { readonly worker: string; readonly changes: number }[];
  /** When the next one can be dead at the earliest; `null` where there is no other worker. */
  readonly nextInMs: number | null;
}

/** Numbers of slots, by key. */
export type SlotCounts = Readonly<Record<string, number>>;

/** A person's decisions about one change, or one key: the outbox hands them on. */
export type ByHand = Pick<
  Outbox,
  'cancel' | 'redrive' | 'redriveMany' | 'giveBack' | 'skip' | 'pause' | 'resume'
>;

/** What a worker needs of a backend. Each call may be repeated where its answer was lost. */
export interface Store<Tx> extends ByHand {
  readonly inspect: StoreInspect;
  /**
   * Stores changes, all or none. One whose id is there already is left as it is, whatever became of
   * it.
   *
   * @throws InvalidChangeError where another change has the id
   */
  accept(changes: readonly NewChange[], tx?: Tx): Promise<void>;
  /**
   * Enters this process as a worker, as a new life each time. It ends what an earlier life of this
   * process keeps open, and keeps nothing open itself where it fails.
   */
  enter(): Promise<Life>;
  /**
   * Takes changes whose turn has come and whose key has a slot. Compares what the life holds with
   * what the request names.
   *
   * @throws FencedError when this life was declared dead
   */
  claim(life: Life, request: ClaimRequest): Promise<Claim>;
  /** How long `end` may take, where it writes rows of the service as well. */
  readonly endMs?: number | undefined;
  /**
   * Writes down how claims ended, and gives slots back.
   */
  end(ends: readonly ClaimEnd[], releases: readonly Release[]): Promise<Ended>;
  /**
   * Takes slots for requests of the keys, as many as there are of those asked for.
   *
   * @param ofChanges - how many of them are for changes under way: what these don't get is kept from
   * changes that have not begun
   */
  takeSlots(wants: SlotCounts, ofChanges?: SlotCounts): Promise<Taken>;
  /** Shows that a life goes on. False once it was declared dead. */
  renew(life: Life): Promise<boolean>;
  /** Finds other workers that are dead, and changes whose time has come. */
  sweep(life: Life): Promise<Swept>;
  /** Calls back when there may be work. */
  onWake(wake: () => void): void;
  /** Ends a life: what it still holds is given back, in doubt. */
  leave(life: Life): Promise<void>;
  close(): Promise<void>;
}
