import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Item } from './engine.ts';

/** The other end of all deliveries: an HTTP server that writes down what has arrived. */
export interface Receiver {
  readonly url: string;
  /** What arrived under a name: when each change came, the first time and again. */
  arrivals(name: string): Arrivals;
  stop(): void;
}

export interface Arrivals {
  has(item: Item): boolean;
  /** How many different changes have come. */
  count(): number;
  /** How often a change came that was there already. */
  repeated(): number;
  /** How many came for the first time in a span of `performance.now()`. */
  between(from: number, to: number): number;
}

export async function startReceiver(): Promise<Receiver> {
  const books = new Map<string, Book>();
  function bookOf(name: string): Book {
    const book = books.get(name) ?? new Book();
    books.set(name, book);
    return book;
  }
  const server = createServer((request, response) => {
    const [, name = '', item] = (request.url ?? '').split('/');
    const book = bookOf(name);
    request.resume();
    if (request.method === 'POST') book.add(Number(item));
    response.statusCode = book.has(Number(item)) ? 200 : 404;
    response.end();
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals: bookOf,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

class Book implements Arrivals {
  readonly #items = new Set<Item>();
  readonly #times: number[] = [];
  #repeated = 0;

  add(item: Item): void {
    if (this.#items.has(item)) {
      this.#repeated += 1;
      return;
    }
    this.#items.add(item);
    this.#times.push(performance.now());
  }

  has(item: Item): boolean {
    return this.#items.has(item);
  }

  count(): number {
    return this.#items.size;
  }

  repeated(): number {
    return this.#repeated;
  }

  between(from: number, to: number): number {
    return this.#times.filter((at) => at >= from && at < to).length;
  }
}
