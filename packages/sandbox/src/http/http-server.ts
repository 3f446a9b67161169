import { createServer } from 'node:http';
import type { Engine } from '../engine/engine.ts';
import { createOutages, listen, type ListenOptions } from './listener.ts';
import { serve } from './serve.ts';

export interface HttpServerOptions extends ListenOptions {
  readonly outageMs: number;
}

/** Serves an engine over HTTP. */
export async function startHttpServer(
  engine: Engine,
  { host, port: wanted, outageMs }: HttpServerOptions,
) {
  const server = createServer((request, response) => {
    // A connection that lived on would get through an outage.
    response.on('finish', () => {
      if (outages.isOut()) request.socket.destroySoon();
    });
    void serve(engine, request, response);
  });
  const port = await listen(server, { host, port: wanted });
  const isDue = () => engine.faults.take('connection-refused');
  const outages = createOutages(server, { host, port }, { ms: outageMs, isDue });
  const unwatch = engine.faults.watch(() => outages.beginIfDue());
  outages.beginIfDue();

  let closing: Promise<void> | undefined;
  const close = async () => {
    unwatch();
    await outages.stop();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return { port, close: () => (closing ??= close()) };
}
