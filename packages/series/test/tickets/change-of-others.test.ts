import { defineLifecycle, ticketStatuses, type Lifecycle } from '@ticket-lifecycle/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createMemoryStatusStore,
  type ChangeEntry,
  type TicketObservation,
} from '../../src/index.ts';
import { setUp } from '../support/bench.ts';

const staffUserId = 7;

/** Lifecycles of up to six states, several of which share a status. */
const configs = fc.integer({ min: 3, max: 6 }).chain((size) => {
  const perState = { minLength: size, maxLength: size };
  return fc
    .record({
      statuses: fc.array(fc.constantFrom(...ticketStatuses), perState),
      isDefault: fc.array(fc.boolean(), perState),
      edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(2), fc.nat(size - 1)), { maxLength: 8 }),
    })
    .map(({ statuses, isDefault, edges }) => {
      const hasDefault = new Set<string>();
      const states = statuses.map((status, index) => {
        // A chain, so that every state can be reached.
        const on: Record<string, string> = index + 1 < size ? { NEXT: `s${index + 1}` } : {};
        for (const [from, event, to] of edges) {
          if (from === index && to !== from) on[`E${event}`] = `s${to}`;
        }
        const isFirst = isDefault[index] === true && !hasDefault.has(status);
        if (isFirst) hasDefault.add(status);
        const meta = isFirst ? { status, default: true } : { status };
        return Object.keys(on).length === 0 ? { meta, type: 'final' } : { meta, on };
      });
      const byName = Object.fromEntries(states.map((state, index) => [`s${index}`, state]));
      return { initial: 's0', states: byName };
    });
});

/** Where the events of an entry lead by the lifecycle, one after another. */
function endOf(lifecycle: Lifecycle, { asked }: ChangeEntry): string {
  let at = asked.from;
  for (const event of asked.event.split(', ')) {
    const verdict = lifecycle.explain(at, event);
    if (!verdict.allowed) return `${event} is not possible in ${at}`;
    at = verdict.to;
  }
  return at;
}

/** All states that a run from one of these can end in. */
function reachableFrom(lifecycle: Lifecycle, starts: readonly string[]): ReadonlySet<string> {
  const reached = new Set(starts);
  for (const state of reached) {
    for (const { from, to } of lifecycle.edges) if (from === state) reached.add(to);
  }
  return reached;
}

test('the entry of a change of others agrees with the lifecycle, from wherever the ticket was', async () => {
  let allowed = 0;
  let several = 0;
  await fc.assert(
    fc.asyncProperty(configs, fc.boolean(), async (config, assumed) => {
      const lifecycle: Lifecycle = defineLifecycle(config as never);
      const entries: ChangeEntry[] = [];
      const watched: TicketObservation[] = [];
      const store = createMemoryStatusStore();
      const onChange = (entry: ChangeEntry) => void entries.push(entry);
      const { clock, workflow } = setUp({ lifecycle, store, onChange });
      for (const state of lifecycle.states) {
        const how = assumed ? { assumed: true as const } : {};
        for (const status of ticketStatuses) {
          if (lifecycle.statusOf(state) === status) continue;
          const known = { state, seenAt: clock.now(), status: lifecycle.statusOf(state), ...how };
          await store.set(`T-${status}`, known);
          watched.push(await clock.run(workflow.observe(`T-${status}`)));
          await clock.advance(1);
          const entry = entries.at(-1);
          if (entry === undefined) throw new Error('there is an entry for each');
          const before = String(lifecycle.statusOf(state));
          const isStart = (name: string) => lifecycle.statusOf(name) === before;
          const starts = assumed ? lifecycle.states.filter(isStart) : [state];
          const reachable = reachableFrom(lifecycle, starts);
          expect(starts).toContain(entry.asked.from);
          const seen = watched.at(-1);
          if (entry.decided.allowed) {
            allowed += 1;
            if (entry.asked.event.includes(', ')) several += 1;
            expect(endOf(lifecycle, entry)).toBe(entry.decided.to);
            expect(entry.decided.status).toBe(status);
            // Nothing may lead to what the definition alone decides on.
            const isLikely = seen?.state !== undefined && reachable.has(seen.state);
            if (isLikely) expect(entry.decided.to).toBe(seen.state);
            expect(seen?.change).toMatchObject({ events: entry.asked.event.split(', ') });
          } else {
            // No step is named, and where it says that no path leads there, none does.
            expect(entry.asked.event).toBe('');
            const isReachable = lifecycle.states.some(
              (name) => lifecycle.statusOf(name) === status && reachable.has(name),
            );
            const code = entry.decided.blockers[0]?.code;
            expect(code).toBe(isReachable ? 'ambiguous-state' : 'unreachable');
            if (code === 'unreachable') expect(seen?.change?.kind).toBe('jump');
          }
        }
      }
      await workflow.close();
    }),
    { numRuns: 60 },
  );
  expect(allowed).toBeGreaterThan(100);
  expect(several).toBeGreaterThan(20);
});

test('a step that the lifecycle forbids where the ticket was is not named', async () => {
  const lifecycle = defineLifecycle({
    initial: 'open',
    states: {
      open: { on: { START: 'in-progress' } },
      'in-progress': { on: { ORDER_PARTS: 'waiting-for-parts', RESOLVE: 'resolved' } },
      'waiting-for-parts': {
        meta: { status: 'in-progress' },
        on: { PARTS_ARRIVED: 'in-progress' },
      },
      resolved: { type: 'final' },
    },
  });
  const entries: ChangeEntry[] = [];
  const onChange = (entry: ChangeEntry) => void entries.push(entry);
  const { clock, workflow, sandbox } = setUp({ lifecycle, onChange });
  const seen: TicketObservation[] = [];
  await clock.run(workflow.apply('T-open', 'START', { staffUserId }));
  await clock.run(workflow.apply('T-open', 'ORDER_PARTS', { staffUserId }));
  sandbox.tickets.setStatus('T-open', 'resolved');
  const watch = workflow.watch(['T-open'], { onChange: (change) => void seen.push(change) });
  while (seen.length === 0) await clock.advance(100);
  watch.close();
  const events = ['PARTS_ARRIVED', 'RESOLVE'];
  expect(seen).toMatchObject([{ change: { kind: 'path', events } }]);
  expect(entries.at(-1)).toMatchObject({
    asked: { from: 'waiting-for-parts', event: 'PARTS_ARRIVED, RESOLVE' },
    decided: { allowed: true, to: 'resolved' },
  });
});
