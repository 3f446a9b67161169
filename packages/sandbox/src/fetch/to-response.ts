import type { Engine } from '../engine/engine.ts';
import type { SentAnswer } from '../engine/handle-request.ts';
import { type Damage, dribbleMs, firstHalf, giganticPieces } from '../faults/damage.ts';
import { onAbort } from './on-abort.ts';

/**
 * Turns an answer into what `fetch` would make of it on a real connection. Errors have the shape
 * that Node.js gives them.
 */
export async function toResponse(
  sent: SentAnswer,
  request: Request,
  sleep: Engine['sleep'],
  redirect: Request['redirect'],
): Promise<Response> {
  if (!('answer' in sent)) return failToAnswer(sent.how);
  const { how, answer } = sent;
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
  how: Damage,
  body: Uint8Array<ArrayBuffer>,
  request: Request,
  sleep: Engine['sleep'],
): ReadableStream<Uint8Array> {
  const pieces = how === 'gigantic' ? giganticPieces(body) : undefined;
  let at = 0;
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
      const piece = pieces ? pieces.next().value : body.subarray(at, at + 1);
      at += 1;
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
