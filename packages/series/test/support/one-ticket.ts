import { ticketLifecycle } from '@ticket-lifecycle/core';
import {
  createSeriesClient,
  createTicketWorkflow,
  type SeriesClientOptions,
  type WorkflowOptions,
} from '../../src/index.ts';
import { FakeClock } from './fake-clock.ts';

type Fields = Record<string, unknown>;

/** A request that has come, and ways to answer it. */
export interface Arrived {
  /** Counts the writes, or the reads, from 1. */
  readonly count: number;
  /** The status that it asks for. */
  readonly to: string;
  readonly headers: Headers;
  /** Does what it asks for. */
  readonly apply: () => void;
  readonly say: (status: number, body: unknown, headers?: Record<string, string>) => Response;
  /** Does it and says so. */
  readonly succeed: () => Response;
  readonly show: (fields?: Fields, headers?: Record<string, string>) => Response;
  /** Loses the answer. */
  readonly lose: () => never;
}

type Answer = (arrived: Arrived) => Response | Promise<Response>;

const start = Date.parse('2026-03-01T12:00:10.437Z');

/** One ticket, T-1, behind a server that is told what to do. It keeps the only record that counts. */
export class OneTicket {
  readonly clock = new FakeClock();
  /** What was applied of ours. */
  readonly applied: string[] = [];
  writes = 0;
  reads = 0;
  status: string;
  createdAt: string | undefined = '2026-01-01T08:00:00.123Z';
  updatedAt: string | undefined = '2026-02-01T08:00:00.123Z';
  /** How the server writes the time of an update. */
  writeTime = (at: number): string => new Date(at).toISOString();
  onWrite: Answer = ({ succeed }) => succeed();
  onRead: Answer = ({ show }) => show();

  constructor(status = 'open') {
    this.status = status;
    this.clock.stall(start - this.clock.now());
  }

  /** Somebody changes it. */
  set(status: string): void {
    this.status = status;
    this.updatedAt = this.writeTime(this.clock.now());
  }

  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const isWrite = request.method === 'POST';
    const sent = isWrite ? ((await request.json()) as { status?: string }) : {};
    const to = sent.status ?? 'in-progress';
    const say: Arrived['say'] = (status, body, headers) =>
      new Response(typeof body === 'string' ? body : JSON.stringify(body), {
        status,
        headers: {
          'content-type': 'application/json',
          date: new Date(this.clock.now()).toUTCString(),
          ...headers,
        },
      });
    const apply = () => {
      this.set(to);
      this.applied.push(to);
    };
    const arrived: Arrived = {
      count: isWrite ? (this.writes += 1) : (this.reads += 1),
      to,
      headers: request.headers,
      apply,
      say,
      succeed() {
        apply();
        return say(200, { success: true, data: { message: `Status changed to ${to}` } });
      },
      show: (fields, headers) => {
        const { status: Status, createdAt: CreatedAt, updatedAt: UpdatedAt } = this;
        const Ticket = { TicketId: 'T-1', Status, CreatedAt, UpdatedAt, ...fields };
        return say(200, { success: true, data: { Ticket } }, headers);
      },
      lose() {
        throw new TypeError('fetch failed');
      },
    };
    return isWrite ? this.onWrite(arrived) : this.onRead(arrived);
  };

  client(options: Partial<SeriesClientOptions> = {}) {
    const { clock, fetch } = this;
    return createSeriesClient({ apiKey: 'key', clock, fetch, random: () => 0.5, ...options });
  }

  workflow(options: Partial<WorkflowOptions> = {}) {
    return createTicketWorkflow({ lifecycle: ticketLifecycle, client: this.client(), ...options });
  }
}
