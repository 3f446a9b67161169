import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { approvalDesk, type Facts } from '../examples/approval.ts';
import { caughtUp, helpDesk } from '../examples/help-desk.ts';
import { itDesk, judgeChange, judgeLog } from '../examples/it-desk.ts';
import type { Lifecycle } from '../src/index.ts';
import { blockersOf } from './support/blockers-of.ts';

/** What becomes of an event: the state that follows, or what stands in its way. */
function outcomeOf(lifecycle: Lifecycle, state: string, event: object, context: unknown): string {
  const verdict = lifecycle.explain(state, event as { type: string }, context);
  if (verdict.allowed) return verdict.to;
  return blockersOf(verdict)
    .map(({ code, parameters }) => (code === 'guard' ? `!${parameters.guard}` : code))
    .join(' ')
    .replace('no-such-transition', '-');
}

/** Every state with every event under every context, as a table that has to be the one given. */
function tableOf(
  lifecycle: Lifecycle,
  events: readonly { readonly type: string }[],
  contexts: Readonly<Record<string, unknown>>,
): string[] {
  expect([...new Set(events.map(({ type }) => type))].sort()).toEqual([...lifecycle.events].sort());
  return lifecycle.states.flatMap((state) =>
    events.flatMap((event) => {
      const outcomes = Object.entries(contexts).map(
        ([name, context]) => [name, outcomeOf(lifecycle, state, event, context)] as const,
      );
      const [first] = outcomes;
      const isSame = outcomes.every(([, outcome]) => outcome === first?.[1]);
      const shown = isSame
        ? first?.[1]
        : outcomes.map(([name, outcome]) => `${name}: ${outcome}`).join(', ');
      // What leads nowhere is left out of the table, and counted below.
      const carries = Object.keys(event).length > 1 ? '(…)' : '';
      return shown === '-' ? [] : [`${state} ${event.type}${carries} → ${shown}`];
    }),
  );
}

describe('the help desk', () => {
  const lifecycle = helpDesk as unknown as Lifecycle;
  const events = [
    { type: 'START' },
    { type: 'ASK' },
    { type: 'ASK', question: 'Since when?' },
    { type: 'ANSWER' },
    { type: 'RESOLVE' },
    { type: 'GIVE_UP' },
    { type: 'CLOSE' },
    { type: 'REOPEN' },
    { type: 'REOPEN', reason: 'It is back.' },
    { type: 'SEAL' },
  ];

  test('does this and nothing else, in every state, by every event, whatever its guard says', () => {
    expect(
      tableOf(lifecycle, events, {
        solved: { solution: 'Restart it.' },
        unsolved: { solution: undefined },
      }),
    ).toEqual([
      'open START → in-progress',
      'in-progress ASK → payload',
      'in-progress ASK(…) → waiting-on-customer',
      'in-progress RESOLVE → solved: resolved, unsolved: !hasSolution',
      'waiting-on-customer ANSWER → in-progress',
      'waiting-on-customer GIVE_UP → resolved',
      'resolved CLOSE → closed',
      'resolved REOPEN → payload',
      'resolved REOPEN(…) → open',
      'closed REOPEN → payload',
      'closed REOPEN(…) → open',
      'closed SEAL → sealed',
    ]);
  });

  test('tells the API nothing while it waits for the customer', () => {
    expect(lifecycle.explain('in-progress', { ...events[2], type: 'ASK' })).toMatchObject({
      changesStatus: false,
    });
    expect(lifecycle.explain('waiting-on-customer', 'ANSWER')).toMatchObject({
      changesStatus: false,
    });
    expect(helpDesk.observe('open', 'in-progress').states).toEqual([
      'in-progress',
      'waiting-on-customer',
    ]);
  });

  test('lets a customer back for 14 days, and not a millisecond longer', () => {
    const closed = { state: 'closed', enteredAt: Date.UTC(2026, 10, 1) } as const;
    const reopen = { type: 'REOPEN', reason: 'It is back.' } as const;
    const unsolved = { solution: undefined };
    const standing = (now: number) => caughtUp(closed, now).state;
    const lastMoment = Date.UTC(2026, 10, 15) - 1;
    expect(standing(lastMoment)).toBe('closed');
    expect(helpDesk.can(standing(lastMoment), reopen, unsolved)).toBe(true);
    expect(standing(lastMoment + 1)).toBe('sealed');
    expect(helpDesk.explain('sealed', reopen, unsolved)).toMatchObject({
      allowed: false,
      ever: 'never',
    });
  });

  test('catches up on all that a silent customer has let pass', () => {
    const waiting = { state: 'waiting-on-customer', enteredAt: Date.UTC(2026, 0, 1) } as const;
    expect(caughtUp(waiting, Date.UTC(2026, 0, 7))).toEqual(waiting);
    expect(caughtUp(waiting, Date.UTC(2026, 0, 8))).toEqual({
      state: 'resolved',
      enteredAt: Date.UTC(2026, 0, 8),
    });
    expect(caughtUp(waiting, Date.UTC(2026, 5, 1))).toEqual({
      state: 'sealed',
      enteredAt: Date.UTC(2026, 0, 25),
    });
  });
});

describe('the desk with an approval', () => {
  const facts = (role: Facts['role'], actor: string): Facts => ({
    role,
    actor,
    requestedBy: 'Ann',
  });
  const contexts = {
    other: facts('approver', 'Bob'),
    own: facts('approver', 'Ann'),
    agent: facts('agent', 'Bob'),
    asker: facts('agent', 'Ann'),
  };

  test('does this and nothing else, in every state, by every event, whoever asks', () => {
    const events = approvalDesk.events.map((type) => ({ type }));
    expect(tableOf(approvalDesk as unknown as Lifecycle, events, contexts)).toEqual([
      'open START → in-progress',
      'in-progress REQUEST → awaiting-approval',
      'awaiting-approval APPROVE → other: resolved, own: !isSomebodyElse, agent: !isApprover, asker: !isApprover !isSomebodyElse',
      'awaiting-approval REJECT → other: in-progress, own: in-progress, agent: !isApprover, asker: !isApprover',
      'resolved CLOSE → closed',
      'resolved REOPEN → open',
      'closed REOPEN → other: open, own: open, agent: !isApprover, asker: !isApprover',
    ]);
  });

  test('says each reason in its own words', () => {
    const verdict = approvalDesk.explain('awaiting-approval', 'APPROVE', contexts.asker);
    expect(blockersOf(verdict).map(({ message }) => message)).toEqual([
      'Only an approver does that.',
      'Nobody approves what they asked for themselves.',
    ]);
  });

  test('plans a resolution only for who may give it', () => {
    const plan = (context: Facts) => approvalDesk.plan('open', 'resolved', { context }).kind;
    expect(Object.values(contexts).map(plan)).toEqual(['plan', 'blocked', 'blocked', 'blocked']);
  });
});

describe('the IT desk of a file', () => {
  test('does this and nothing else, in every state, by every event, whatever its guard says', () => {
    const events = itDesk.events.map((type) => ({ type }));
    expect(
      tableOf(itDesk as unknown as Lifecycle, events, { assigned: { assignee: 5 }, free: {} }),
    ).toEqual([
      'New ASSIGN → Active',
      'New ASK → Awaiting User Info',
      'New RESOLVE → Resolved',
      'Active ASK → Awaiting User Info',
      'Active RESOLVE → assigned: Resolved, free: !isAssigned',
      'Active ORDER → Awaiting Vendor',
      'Awaiting User Info RESOLVE → Resolved',
      'Awaiting User Info ORDER → Awaiting Vendor',
      'Awaiting User Info CONTINUE → Active',
      'Awaiting Vendor ASK → Awaiting User Info',
      'Awaiting Vendor CONTINUE → Active',
      'Resolved CLOSE → Closed',
      'Resolved REOPEN → Active',
    ]);
  });

  test('tells its states apart where the API knows one status', () => {
    expect(itDesk.statesWith('in-progress')).toEqual([
      'Active',
      'Awaiting User Info',
      'Awaiting Vendor',
    ]);
    expect(itDesk.plan('Awaiting Vendor', 'Resolved')).toMatchObject({
      kind: 'plan',
      statusChanges: 1,
      steps: [
        { event: 'ASK', changesStatus: false },
        { event: 'RESOLVE', changesStatus: true },
      ],
    });
  });

  test.each([
    ['New', 'New', 'unchanged'],
    ['New', 'Active', 'edge'],
    ['New', 'Closed', 'path'],
    ['Awaiting Vendor', 'Resolved', 'path'],
    ['Closed', 'Active', 'jump'],
    ['Active', 'New', 'jump'],
    ['Awaiting Problem', 'Active', 'unknown-state'],
    ['Active', 'Awaiting Problem', 'unknown-state'],
  ])('calls a change from %s to %s %s', (from, to, change) => {
    expect(judgeChange(from, to)).toBe(change);
  });
});

describe('the audit log of a real service desk', () => {
  const log = new URL('../../../../shared/data/servicenow-incidents.csv', import.meta.url);
  const rows = existsSync(log)
    ? readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(','))
        .map(([incident = '', state = '']) => ({ incident, state }))
    : [];
  const hasLog = rows.length > 0;
  if (!hasLog) console.log(`The audit log is not judged: there is no ${log.pathname}`);

  test.runIf(hasLog)('is judged by the desk’s own rules, each change once', () => {
    const counts = judgeLog(rows);
    const incidents = new Set(rows.map(({ incident }) => incident)).size;
    expect([rows.length, incidents]).toEqual([5998, 890]);
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(5998 - 890);
    // What is no edge has to do with states that this desk has not, such as Awaiting Problem.
    expect(counts).toEqual({
      unchanged: 2546,
      edge: 2452,
      path: 0,
      jump: 0,
      'unknown-state': 110,
    });
  });

  test.runIf(hasLog)('is judged by its statuses as well, which hide the waiting', () => {
    const counts = { unchanged: 0, edge: 0, path: 0, jump: 0, 'unknown-status': 0, skipped: 0 };
    const byIncident = Map.groupBy(rows, ({ incident }) => incident);
    for (const its of byIncident.values()) {
      const statuses = its.map(({ state }) =>
        state.startsWith('Awaiting') ? 'in-progress' : String(itDesk.statusOf(state as 'New')),
      );
      const replayed = itDesk.replay(statuses, { complete: true }).counts;
      for (const kind of Object.keys(counts) as (keyof typeof counts)[]) {
        counts[kind] += replayed[kind];
      }
    }
    expect(counts).toMatchObject({ edge: 2183, path: 0, skipped: 0, jump: 0, 'unknown-status': 0 });
  });
});
