import { dribbleMs, type Delivery, firstHalf, giganticPieces } from '../faults/damage.ts';
import type { Engine } from '../engine/engine.ts';
import { onAbort } from './on-abort.ts';

/**
 * Makes of a delivery what a client's `fetch` would make of it on a real connection. What rejects
 * has the shape that Node.js gives it.
 */
export async function respond(
  delivery: Delivery,
  request: Request,
  sleep: Engine['sleep'],
  redirect: Request['redirect'],
): Promise<Response> {
  if (!('answer' in delivery)) return failToAnswer(delivery.how);
  const { how, answer } = delivery;
  const { status, headers, body } = answer;
  const isRedirect = status >= 300 && status < 400;
  if (isRedirect && redirect === 'error') {
    throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
  }
  if (isRedirect && redirect === 'follow') {
    const host = new URL(headers['location'] ?? '').hostname;
    throw failed(`getaddrinfo ENOTFOUND ${host}`, { code: 'ENOTFOUND', syscall: 'getaddrinfo' });
  }
  if (how === 'whole') return new Response(body.length === 0 ? null : body, { status, headers });
  return new Response(piecesOf(how, body, request, sleep), { status, headers });
}

function failToAnswer(how: 'refused' | 'reset' | 'silent'): Promise<never> {
  switch (how) {
    case 'refused':
      throw failed('connect ECONNREFUSED 127.0.0.1:443', {
        code: 'ECONNREFUSED',
        syscall: 'connect',
        address: '127.0.0.1',
        port: 443,
      });
    case 'reset':
      throw failed('read ECONNRESET', { code: 'ECONNRESET', syscall: 'read' });
    case 'silent':
      // Only the client's own signal ends this.
      return new Promise(() => {});
  }
}

function failed(message: string, details: object): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(message), details) });
}

function piecesOf(
  how: 'cut' | 'stalled' | 'dribbled' | 'gigantic',
  body: Uint8Array<ArrayBuffer>,
  request: Request,
  sleep: Engine['sleep'],
): ReadableStream<Uint8Array> {
  const pieces = how === 'gigantic' ? giganticPieces(body) : undefined;
  let sent = 0;
  let isOver = false;
  let end = () => {};
  return new ReadableStream({
    start(controller) {
      if (how === 'cut' || how === 'stalled') controller.enqueue(firstHalf(body));
      if (how === 'cut') return;
      end = onAbort(request, (reason) => {
        isOver = true;
        controller.error(reason);
      });
    },
    async pull(controller) {
      if (how === 'stalled') return new Promise(() => {});
      if (how === 'cut') {
        const cause = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
        controller.error(new TypeError('terminated', { cause }));
        return;
      }
      if (how === 'dribbled') await sleep(dribbleMs);
      if (isOver) return;
      const piece = pieces ? pieces.next().value : body.subarray(sent, sent + 1);
      sent += 1;
      if (piece !== undefined && piece.length > 0) return controller.enqueue(piece);
      end();
      controller.close();
    },
    cancel() {
      isOver = true;
      end();
    },
  });
}
