import { expect, test } from 'vitest';
import { file, run, runHere } from '../support/cli.ts';

test('a forbidden change is explained, with what is possible instead and the way there', async () => {
  const { code, stdout } = await runHere(['explain', '--from', 'closed', '--event', 'RESOLVE']);
  expect(code).toBe(3);
  expect(stdout).toBe(`blocked  RESOLVE from closed
         no-such-transition  RESOLVE is not possible in state "closed". Possible events: REOPEN.

Possible from closed: REOPEN (→ open)
The path to resolved: REOPEN, START, RESOLVE
`);
});

test('an allowed change says where it leads', async () => {
  const { code, stdout } = await runHere(['explain', '--from', 'open', '--event', 'START']);
  expect([code, stdout]).toEqual([
    0,
    'allowed  START: open → in-progress (sets the status in-progress)\n',
  ]);
});

test('without an event every event is explained', async () => {
  const { code, objects } = await runHere(['explain', '--from', 'resolved', '--json']);
  expect(code).toBe(0);
  expect(objects().map(({ event, allowed }) => [event, allowed])).toEqual([
    ['START', false],
    ['RESOLVE', false],
    ['CLOSE', true],
    ['REOPEN', true],
  ]);
});

test('a way is planned, with its cost', async () => {
  const { code, stdout } = await runHere(['plan', '--from', 'open', '--to', 'closed']);
  expect(code).toBe(0);
  expect(stdout).toBe(`3 steps from open to closed, 3 requests
  START    open → in-progress
  RESOLVE  in-progress → resolved
  CLOSE    resolved → closed
`);
  const { objects } = await runHere(['plan', '--from', 'open', '--to', 'closed', '--json']);
  expect(objects()).toMatchObject([{ type: 'plan', schema: 1, requests: 3, seconds: 0.12 }]);
});

test('a change whose data decides where it leads names each state that it may lead to', async () => {
  const definition = file(
    'desk.mjs',
    `const missing = { issues: [{ message: 'missing', path: ['reason'] }] };
    export const payloads = { CLOSE: { '~standard': { validate: () => missing } } };
    export const guards = { isUrgent: ({ event }) => event.urgent === true };
    export default {
      initial: 'open',
      states: {
        open: { on: { CLOSE: [{ target: 'closed', guard: 'isUrgent' }, { target: 'resolved' }] } },
        resolved: { on: { REOPEN: 'open' } },
        closed: { on: { REOPEN: 'open' } },
      },
    };`,
  );
  const own = ['--definition', definition];
  const planned = await run(['plan', '--from', 'open', '--to', 'resolved', ...own]);
  expect(planned.stdout).toBe(`1 step from open to resolved, 1 request
  CLOSE  open → resolved  (its data may lead to closed instead)
`);
  const explained = await run(['explain', '--from', 'open', '--event', 'REOPEN', ...own]);
  expect(explained.stdout).toContain('Possible from open: CLOSE (→ closed or resolved)');
});

test('a ticket that is there already needs no way', async () => {
  const { code, stdout } = await runHere(['plan', '--from', 'open', '--to', 'open']);
  expect([code, stdout]).toEqual([0, 'open is there already: nothing to send.\n']);
});

test.each([
  [
    ['explain', '--from', 'opne'],
    '--from: Unknown state "opne". Expected one of open, in-progress, resolved, closed (did you mean open?)',
  ],
  [['explain', '--from', 'open', '--event', 'STRAT'], '(did you mean START?)'],
  [
    ['plan', '--from', 'open', '--to', 'done'],
    '--to: Unknown state or status "done". Expected one of',
  ],
  [['explain', '--from', 'open', '--context', '{'], 'It takes JSON, such as \'{"role":"lead"}\'.'],
  [['explain', '--from', 'open', '--payload', '[]'], '--payload: It takes an object'],
])('a typo is no question to be answered: %j', async (args, message) => {
  const { code, stdout, stderr } = await runHere(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

test.each([
  [
    ['explain', '--from', 'Gelöst'],
    'Unknown state "Gelöst". Expected one of neu, wartet, geloest. "Gelöst" is the label of geloest.',
  ],
  [['explain', '--from', 'gelöst'], '"Gelöst" is the label of geloest.'],
  [
    ['plan', '--from', 'Wartet auf Kundin', '--to', 'neu'],
    '"Wartet auf Kundin" is the label of wartet.',
  ],
  [['diagram', '--at', 'Wartet auf Kunden'], '"Wartet auf Kundin" is the label of wartet.'],
  [
    ['explain', '--from', 'in-progress'],
    'Unknown state "in-progress". Expected one of neu, wartet, geloest. "in-progress" is a status. Its states are wartet.',
  ],
  [
    ['plan', '--from', 'resolved', '--to', 'neu'],
    '"resolved" is a status. Its states are geloest.',
  ],
  [['explain', '--from', 'gelost'], '(did you mean geloest?)'],
])('%j names the state that was meant', async (args, message) => {
  const definition = file(
    'own.json',
    JSON.stringify({
      initial: 'neu',
      states: {
        neu: { meta: { status: 'open', label: 'Neu' }, on: { WARTEN: 'wartet' } },
        wartet: {
          meta: { status: 'in-progress', label: 'Wartet auf Kundin' },
          on: { LOESEN: 'geloest' },
        },
        geloest: { meta: { status: 'resolved', label: 'Gelöst' }, on: { OEFFNEN: 'neu' } },
      },
    }),
  );
  const { code, stdout, stderr } = await run([...args, '--definition', definition]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});
