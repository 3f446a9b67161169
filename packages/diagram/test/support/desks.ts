import { defineLifecycle, type Lifecycle } from '@ticket-lifecycle/core';

/** A lifecycle as people have them, and the way that most tickets go. */
export interface Desk {
  readonly name: string;
  readonly lifecycle: Lifecycle;
  /** From the first state to an end, by edges. */
  readonly mainWay: readonly string[];
}

/**
 * Reads `state (status, +days→EVENT): EVENT > target, …`, a line for each state. The main way is the
 * first edge of each state, from the first state on.
 */
function desk(name: string, text: string): Desk {
  const rows = text
    .trim()
    .split('\n')
    .map((line) => {
      const {
        state = '',
        notes = '',
        ways = '',
      } = /^\s*(?<state>[^(:]+?)\s*(?:\((?<notes>[^)]*)\))?\s*(?::\s*(?<ways>.*))?$/.exec(line)
        ?.groups ?? {};
      const [status, due] = notes.split(',').map((part) => part.trim());
      const [, days, dueEvent] = /^\+(\d+)→(\w+)$/.exec(due ?? '') ?? [];
      const edges = ways
        .split(',')
        .map((way) => way.split('>').map((part) => part.trim()))
        .flatMap(([event = '', target = '']) => (event === '' ? [] : [{ event, target }]));
      return { state, status, edges, days, dueEvent };
    });
  const states = Object.fromEntries(
    rows.map(({ state, status, edges, days, dueEvent }) => [
      state,
      {
        meta: {
          ...(status === undefined || status === '' ? {} : { status }),
          ...(days === undefined ? {} : { due: { after: `P${days}D`, event: dueEvent } }),
        },
        ...(edges.length === 0
          ? { type: 'final' }
          : { on: Object.fromEntries(edges.map(({ event, target }) => [event, target])) }),
      },
    ]),
  );
  const mainWay = [rows[0]?.state ?? ''];
  for (;;) {
    const next = rows.find(({ state }) => state === mainWay.at(-1))?.edges[0]?.target;
    if (next === undefined || mainWay.includes(next)) break;
    mainWay.push(next);
  }
  return { name, mainWay, lifecycle: defineLifecycle({ initial: rows[0]?.state ?? '', states }) };
}

/** A pipeline of many stations, each with a queue, a rework and a way out. */
function plant(count: number): Desk {
  const stations = count / 4 - 1;
  const rows = Array.from({ length: stations }, (_, index) => {
    const next = index + 1 < stations ? `queue ${index + 2}` : 'checked';
    return [
      `queue ${index + 1} (open): TAKE_${index + 1} > station ${index + 1}, CANCEL > cancelled`,
      `station ${index + 1} (in-progress): PASS_${index + 1} > ${next}, FAIL_${index + 1} > rework ${index + 1}, CANCEL > cancelled`,
      `rework ${index + 1} (in-progress): MENDED_${index + 1} > station ${index + 1}, HOLD_${index + 1} > held ${index + 1}`,
      `held ${index + 1} (in-progress): RELEASE_${index + 1} > rework ${index + 1}, SCRAP > cancelled`,
    ];
  }).flat();
  return desk(
    `plant of ${count}`,
    [
      ...rows,
      'checked (resolved): SHIP > shipped, RETURN > queue 1',
      'shipped (closed): COMPLAIN > returned',
      'returned (open): TAKE_1 > station 1, REFUND > cancelled',
      'cancelled (closed)',
    ].join('\n'),
  );
}

/** Twelve of them, of 4 to 60 states. */
export const desks: readonly Desk[] = [
  desk(
    'support',
    `open: START > in-progress
    in-progress: RESOLVE > resolved
    resolved (, +7→CLOSE): CLOSE > closed, REOPEN > open
    closed: REOPEN > open`,
  ),
  desk(
    'approval',
    `draft (open): SUBMIT > in review
    in review (in-progress): APPROVE > approved, REJECT > draft, WITHDRAW > withdrawn
    approved (resolved): PAY > paid, REVOKE > in review
    paid (closed)
    withdrawn (closed)`,
  ),
  desk(
    'returns',
    `requested (open): AUTHORISE > authorised, DECLINE > declined
    authorised (open, +14→EXPIRE): SHIP > in transit, EXPIRE > expired
    in transit (in-progress): RECEIVE > received
    received (in-progress): ACCEPT > refund due, DISPUTE > disputed
    refund due (in-progress): REFUND > refunded
    disputed (in-progress): SETTLE > refund due, DECLINE > declined
    refunded (resolved, +30→CLOSE): CLOSE > closed
    expired (closed)
    declined (closed)
    closed`,
  ),
  desk(
    'help desk',
    `new (open): ASSIGN > assigned, SPAM > spam
    assigned (open): START > in-progress
    in-progress: RESOLVE > resolved, ASK_CUSTOMER > waiting on customer, ESCALATE > escalated
    waiting on customer (in-progress, +7→GIVE_UP): ANSWER > in-progress, GIVE_UP > resolved
    escalated (in-progress): RESOLVE > resolved, RETURN > in-progress
    resolved (, +3→CLOSE): CLOSE > closed, REOPEN > in-progress
    closed: REOPEN > in-progress
    spam (closed): RESTORE > new`,
  ),
  desk(
    'hiring',
    `applied (open): SCREEN > screening, REJECT > rejected
    screening (in-progress): PASS > interview, REJECT > rejected
    interview (in-progress): PASS > second interview, REJECT > rejected, NO_SHOW > screening
    second interview (in-progress): PASS > reference check, REJECT > rejected
    reference check (in-progress): OFFER > offer sent, REJECT > rejected
    offer sent (resolved, +10→EXPIRE): ACCEPT > hired, DECLINE > declined, EXPIRE > declined
    hired (closed)
    declined (closed)
    rejected (closed): RECONSIDER > screening`,
  ),
  desk(
    'incident',
    `detected (open): TRIAGE > triaged, FALSE_ALARM > closed
    triaged (open): DECLARE > investigating, MERGE > duplicate
    investigating (in-progress): IDENTIFY > identified, ESCALATE > escalated
    escalated (in-progress): IDENTIFY > identified, STAND_DOWN > investigating
    identified (in-progress): FIX > fixing
    fixing (in-progress): DEPLOY > monitoring, FAIL > investigating
    monitoring (resolved, +2→RESOLVE): RESOLVE > resolved, RELAPSE > investigating
    resolved: REVIEW > post-mortem
    post-mortem (resolved): CLOSE > closed
    duplicate (closed)
    closed`,
  ),
  desk(
    'IT desk',
    `new (open): TRIAGE > triaged, MARK_SPAM > spam
    triaged (open): ASSIGN > in-progress, MARK_DUPLICATE > duplicate
    in-progress: RESOLVE > resolved, ASK_CUSTOMER > waiting-on-customer, ASK_VENDOR > waiting-on-vendor, ESCALATE > escalated, REQUEST_APPROVAL > awaiting-approval
    waiting-on-customer (in-progress): ANSWER > in-progress, GIVE_UP > resolved
    waiting-on-vendor (in-progress): VENDOR_ANSWER > in-progress
    escalated (in-progress): TAKE_OVER > in-progress, RESOLVE > resolved
    awaiting-approval (in-progress): APPROVE > approved, REJECT > in-progress
    approved (in-progress): RESOLVE > resolved
    resolved: CLOSE > closed, REOPEN > in-progress
    closed: REOPEN > in-progress
    duplicate (closed): REOPEN > triaged
    spam (closed): REOPEN > new`,
  ),
  desk(
    'change request',
    `draft (open): SUBMIT > submitted
    submitted (open): ASSESS > assessing, RECALL > draft
    assessing (in-progress): TO_BOARD > at the board, NEED_INFO > needs information, STANDARD > scheduled
    needs information (in-progress, +14→LAPSE): INFORM > assessing, LAPSE > cancelled
    at the board (in-progress): APPROVE > scheduled, REJECT > rejected, DEFER > deferred
    deferred (in-progress): TO_BOARD > at the board
    scheduled (in-progress): BEGIN > implementing, CANCEL > cancelled
    implementing (in-progress): DONE > testing, FAIL > backing out
    backing out (in-progress): RESTORED > failed
    testing (in-progress): PASS > implemented, FAIL > backing out
    implemented (resolved): REVIEW > reviewed
    reviewed (resolved): CLOSE > closed
    failed (resolved): REDO > scheduled, CLOSE > closed
    rejected (closed)
    cancelled (closed)
    closed`,
  ),
  desk(
    'orders',
    `cart (open): CHECK_OUT > placed
    placed (open, +3→EXPIRE): PAY > paid, EXPIRE > expired, CANCEL > cancelled
    paid (in-progress): PICK > picking, CANCEL > refunding
    picking (in-progress): PACK > packed, SHORT > backordered
    backordered (in-progress): RESTOCK > picking, CANCEL > refunding
    packed (in-progress): HAND_OVER > shipped
    shipped (in-progress): DELIVER > delivered, LOSE > lost, REFUSE > returning
    lost (in-progress): FIND > shipped, COMPENSATE > refunding
    delivered (resolved, +30→CLOSE): CLOSE > closed, RETURN > returning
    returning (in-progress): RECEIVE > inspecting
    inspecting (in-progress): ACCEPT > refunding, DECLINE > delivered
    refunding (in-progress): REFUND > refunded
    refunded (closed)
    expired (closed)
    cancelled (closed)
    closed`,
  ),
  plant(20),
  plant(36),
  plant(60),
];
