import { ticketLifecycle, defineLifecycle } from '@ticket-lifecycle/core';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import {
  createMemoryOutbox,
  deliverToSeries,
  FencedError,
  type Deliver,
  type DeliveryJob,
} from '../../src/index.ts';
import { jobOf } from '../support/job.ts';
import { change, ended, trialOf } from '../support/trial.ts';

/** An API that is no more than what these tests need. */
let server: Server;
let baseUrl: string;
let status = 'open';
let updatedAt = '';
let requests: string[] = [];
/** Cuts a request before it is processed. */
let isCut: (method: string) => boolean = () => false;
beforeAll(async () => {
  server = createServer((request, response) => {
    const method = request.method ?? '';
    if (isCut(method)) return void request.socket.destroy();
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      requests.push(`${method} ${text}`);
      const json = { 'content-type': 'application/json' };
      if (method === 'GET') {
        const Ticket = { TicketId: 'TICKET-1', Status: status, UpdatedAt: updatedAt };
        const CreatedAt = '2026-01-01T00:00:00.000Z';
        const data = { Ticket: { ...Ticket, CreatedAt } };
        response.writeHead(200, json).end(JSON.stringify({ success: true, data }));
        return;
      }
      ({ status } = JSON.parse(text) as { status: string });
      updatedAt = new Date().toISOString();
      setTimeout(() => {
        const message = `Status changed to ${status}`;
        response.writeHead(200, json).end(JSON.stringify({ success: true, message }));
      }, 40);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  status = 'open';
  updatedAt = '2026-01-01T00:00:00.000Z';
  requests = [];
  isCut = () => false;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const start = change('TICKET-1', 'START', { from: 'open' });
const sent = 'POST {"status":"in-progress","staffUserId":7}';

const deliver = (more: Partial<DeliveryJob>, options = {}) =>
  deliverToSeries({
    lifecycle: ticketLifecycle,
    apiKey: () => 'example-key',
    baseUrl,
    settleMs: 1000,
    ...options,
  })(jobOf(start, more));

describe('a worker that holds its change', () => {
  test('sends it once, without a read where its state is stated', async () => {
    expect(await deliver({})).toMatchObject({ kind: 'done' });
    expect(requests).toEqual([sent]);
  });

  test('sends it once when it only has to ask again', async () => {
    // As in a process that was stopped while its connection was made, and holds the change still.
    const held = [false, true];
    let asked = 0;
    const ending = await deliver({
      ensureHeld: async () => void (asked += 1),
      isHeld: () => held.shift() ?? true,
    });
    expect(ending).toMatchObject({ kind: 'done', note: 'confirmed by response' });
    expect([asked, requests]).toEqual([2, [sent]]);
  });

  test('and can not ask whether it does, leaves no doubt', async () => {
    const ensureHeld = async () => {
      throw new Error('the database is away');
    };
    expect(await deliver({ ensureHeld })).toMatchObject({ kind: 'retry', isOutage: true });
    expect(requests).toEqual([]);
  });
});

describe('a worker that has lost its change', () => {
  const gone = async () => {
    throw new FencedError('Gone.');
  };

  // What it says of the end has no effect: the store takes none from it.
  const givenBack = { kind: 'retry', reason: 'Gone.', isOutage: true };

  test('writes nothing to the socket, and leaves no doubt', async () => {
    expect(await deliver({ ensureHeld: gone })).toMatchObject(givenBack);
    expect(requests).toEqual([]);
  });

  test('while it connected writes nothing to the socket', async () => {
    // Held when it is asked for, and no longer when the connection is there.
    const answers = [true, false];
    const ensureHeld = async () => {
      if (answers.shift() !== true) await gone();
    };
    const ending = deliver({ ensureHeld, isHeld: () => false });
    expect(await ending).toMatchObject(givenBack);
    expect(requests).toEqual([]);
  });

  test('may read its ticket, and does not send it again', async () => {
    const doubt = { sinceMs: 60_000, fromMs: 61_000 };
    expect(await deliver({ doubt, ensureHeld: gone })).toMatchObject(givenBack);
    expect(requests.map((line) => line.trim())).toEqual(['GET']);
  });

  test('sends nothing through a fetch of its own, either', async () => {
    const own: typeof fetch = (input, init) => fetch(input, init);
    expect(await deliver({ ensureHeld: gone }, { fetch: own })).toMatchObject(givenBack);
    expect(requests).toEqual([]);
  });
});

test.each([
  [1, 'dead', 'dead'],
  [2, 'retry', 'retrying'],
])(
  'what the guard of a lifecycle throws leaves no doubt, and holds the ticket: of %i attempts',
  async (maxAttempts, kind, shown) => {
    const machine = setup({
      types: { events: {} as { type: 'START' } },
      guards: {
        broken: () => {
          throw new Error('no such table');
        },
      },
    }).createMachine({
      initial: 'open',
      states: {
        open: { on: { START: { target: 'in-progress', guard: 'broken' } } },
        'in-progress': { type: 'final' },
      },
    });
    const lifecycle = defineLifecycle(machine);
    const { outbox, until } = await trialOf(async (onEvent) =>
      createMemoryOutbox({ maxAttempts, onEvent }),
    );
    const id = await outbox.accept(start);
    await outbox.run(deliverToSeries({ lifecycle, apiKey: () => 'example-key', baseUrl }));
    const [end] = await until(ended());
    const reason = expect.stringContaining('The guard "broken" threw') as string;
    expect(end).toMatchObject({ kind, reason });
    expect(await outbox.inspect.blocked()).toMatchObject([{ by: id, kind: shown, reason }]);
    expect(await outbox.inspect.why(id)).toMatchObject({ kind: shown, reason });
    expect(requests).toEqual([]);
    await outbox.close();
  },
);

/** Delivers, and notes which deliveries began in doubt. */
const noting = (to: Deliver, doubts: boolean[]): Deliver => {
  return (job) => {
    doubts.push(job.doubt !== undefined);
    return to(job);
  };
};

test('a request that never left is sent again without a read and without a doubt', async () => {
  // Takes connections, and never answers the hello of TLS.
  const sockets: Socket[] = [];
  const still = createTcpServer((socket) => sockets.push(socket.on('error', () => {})));
  await new Promise<void>((resolve) => still.listen(0, '127.0.0.1', resolve));
  const doubts: boolean[] = [];
  const { outbox, until } = await trialOf(async (onEvent) =>
    createMemoryOutbox({ timeoutMs: 500, onEvent }),
  );
  await outbox.accept(start);
  const secure = `https://127.0.0.1:${(still.address() as AddressInfo).port}`;
  const options = { lifecycle: ticketLifecycle, apiKey: () => 'example-key', baseUrl: secure };
  await outbox.run(noting(deliverToSeries(options), doubts));
  await until(ended('retry'), 2);
  expect(doubts.slice(0, 2)).toEqual([false, false]);
  await outbox.close();
  for (const socket of sockets) socket.destroy();
  still.close();
});

test('a short outage of the API parks nothing, also right behind our own change', async () => {
  const doubts: boolean[] = [];
  const { outbox, until, events } = await trialOf(async (onEvent) =>
    createMemoryOutbox({ timeoutMs: 1000, onEvent }),
  );
  await outbox.accept(start);
  await outbox.accept(change('TICKET-1', 'RESOLVE'));
  const resolved = Promise.withResolvers<void>();
  isCut = (method) => {
    if (method !== 'POST' || status !== 'in-progress') return false;
    // It is lost unprocessed, and so is all that comes for a while.
    isCut = () => true;
    setTimeout(() => {
      isCut = () => false;
      resolved.resolve();
    }, 1500);
    return true;
  };
  const options = { lifecycle: ticketLifecycle, apiKey: () => 'example-key', baseUrl };
  await outbox.run(noting(deliverToSeries({ ...options, settleMs: 1500 }), doubts));
  await resolved.promise;
  await until(ended('done'), 2);
  expect(events.filter(ended('unknown'))).toEqual([]);
  expect(requests.filter((line) => line.startsWith('POST'))).toEqual([
    sent,
    'POST {"status":"resolved","staffUserId":7}',
  ]);
  await outbox.close();
});
