import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Engine } from '../engine/engine.ts';
import { control } from './control.ts';
import { readText, send } from './send.ts';

/** Answers a request that came over HTTP. */
export async function serve(
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = targetOf(request);
  const [path = ''] = target.split('?');
  try {
    if (await control(engine, path, request, response)) return;
    const sent = await engine.handle({
      method: request.method ?? 'GET',
      target,
      header: (name) => headerOf(request, name),
      readText: () => readText(request),
    });
    await send(sent, response, engine.sleep);
  } catch (error) {
    // Only a rule of the person who set the faults up can throw here.
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
    response.end(`The sandbox itself failed: ${String(error)}`);
  }
}

// A proxy sends its target absolute (http://host/path).
function targetOf({ url = '/' }: IncomingMessage): string {
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '');
  return path.startsWith('/') ? path : `/${path}`;
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
