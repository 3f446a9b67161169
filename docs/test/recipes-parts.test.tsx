import { PGlite } from '@electric-sql/pglite';
import { defineLifecycle, ticketLifecycle } from '@ticket-lifecycle/core';
import { createSandbox } from '@ticket-lifecycle/sandbox';
import {
  createSeriesClient,
  createTicketWorkflow,
  type EventChoice,
} from '@ticket-lifecycle/series';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createActor, waitFor } from 'xstate';
import { openDesk } from '../recipes/postgres/desk.ts';
import { TicketButtons } from '../recipes/react-buttons/ticket-buttons.tsx';
import { createDeskMachine } from '../recipes/xstate-parent/desk-machine.ts';

// The recipe for tests of one's own is itself a test.
import '../recipes/vitest/desk.test.ts';

function open(status?: 'resolved') {
  const sandbox = createSandbox({
    tickets: [{ ticketId: 'T-1', ...(status === undefined ? {} : { status }) }],
  });
  return { sandbox, client: createSeriesClient({ apiKey: 'key', fetch: sandbox.fetch }) };
}

test('a desk on Postgres knows after a restart what happened before', async () => {
  const database = new PGlite();
  onTestFinished(() => database.close());
  const { sandbox, client } = open();
  const first = openDesk(client, database);
  await first.workflow.apply('T-1', 'START', { staffUserId: 7 });
  await first.workflow.close();

  const { fetch } = sandbox;
  const second = openDesk(createSeriesClient({ apiKey: 'key', fetch }), database);
  sandbox.tickets.setStatus('T-1', 'resolved');
  await second.workflow.observe('T-1');
  await second.workflow.close();
  const history = await second.history('T-1');
  expect(history.map(({ kind, by, asked }) => [kind, by, asked.event])).toEqual([
    ['confirmed', 7, 'START'],
    ['observed', 'somebody else', 'RESOLVE'],
  ]);
});

test('a machine of yours follows its ticket, and sends it events', async () => {
  const { client, sandbox } = open();
  const input = { ticketId: 'T-1' };
  const desk = createActor(createDeskMachine(client), { input }).start();
  onTestFinished(() => void desk.stop());
  desk.send({ type: 'TAKE' });
  await waitFor(desk, ({ context }) => context.state === 'in-progress');
  desk.send({ type: 'FINISH' });
  await waitFor(desk, ({ context }) => context.state === 'resolved');
  expect(sandbox.tickets.get('T-1')?.status).toBe('resolved');
});

test('a button is there for each event, and one that is blocked says why', async () => {
  const { client } = open('resolved');
  const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client });
  // As it comes from a route.
  const choices = JSON.parse(JSON.stringify(await workflow.enabled('T-1'))) as EventChoice[];
  const onChoose = vi.fn<(choice: EventChoice) => void>();
  const html = renderToStaticMarkup(<TicketButtons choices={choices} onChoose={onChoose} />);
  expect(html).toContain('<button title="">CLOSE</button>');
  expect(html).toContain(
    '<button disabled="" title="START is not possible in state &quot;resolved&quot;.',
  );
  expect(html.match(/<button/g)).toHaveLength(ticketLifecycle.events.length);
  const buttons = TicketButtons({ choices, onChoose });
  (buttons[0]?.props as { readonly onClick?: () => void } | undefined)?.onClick?.();
  expect(onChoose).toHaveBeenCalledWith(choices[0]);
});

test.each(['after', 'before'])(
  'of a sandbox that was made %s time was faked, what is due is confirmed',
  async (when) => {
    const fake = () => vi.useFakeTimers({ shouldAdvanceTime: true });
    onTestFinished(() => void vi.useRealTimers());
    if (when === 'after') fake();
    const { client } = open();
    if (when === 'before') fake();
    const lifecycle = defineLifecycle({
      initial: 'open',
      states: {
        open: { on: { RESOLVE: 'resolved' } },
        resolved: { meta: { due: { event: 'CLOSE', after: 'P7D' } }, on: { CLOSE: 'closed' } },
        closed: { on: { REOPEN: 'open' } },
      },
    });
    const workflow = createTicketWorkflow({ lifecycle, client });
    const by = { staffUserId: 7 };
    await workflow.apply('T-1', 'RESOLVE', by);
    await vi.advanceTimersByTimeAsync(8 * 86_400_000);
    const outcomes = await workflow.runDue(Date.now(), by);
    expect(outcomes).toMatchObject([{ kind: 'confirmed' }]);
  },
);

test('a change without a context is judged by the context of the machine', async () => {
  const { client } = open('resolved');
  const definition = (role: string) =>
    defineLifecycle(
      {
        initial: 'resolved',
        context: { role },
        states: {
          resolved: { on: { CLOSE: { target: 'closed', guard: 'isLead' } } },
          closed: { on: { REOPEN: 'resolved' } },
        },
      },
      { guards: { isLead: ({ context }) => context.role === 'lead' } },
    );
  const kinds = [];
  for (const role of ['agent', 'lead']) {
    const workflow = createTicketWorkflow({ lifecycle: definition(role), client });
    kinds.push((await workflow.apply('T-1', 'CLOSE', { staffUserId: 7 })).kind);
  }
  expect(kinds).toEqual(['blocked', 'confirmed']);
});
