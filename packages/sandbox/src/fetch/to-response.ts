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
  return new Response(damagedBody(how, body, request, sleep), { status, headers });
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

function damagedBody(
  how: Damage,
  body: Uint8Array<ArrayBuffer>,
  request: Request,
  sleep: Engine['sleep'],
): ReadableStream<Uint8Array> {
  const pieces = piecesOf(how, body, sleep);
  let isOver = false;
  let end = () => {};
  return new ReadableStream({
    start(controller) {
      if (how === 'cut') return;
      end = onAbort(request, (reason) => {
        isOver = true;
        controller.error(reason);
      });
    },
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (isOver) return;
      if (!done) return controller.enqueue(value);
      end();
      controller.close();
    },
    cancel() {
      isOver = true;
      end();
    },
  });
}

async function* piecesOf(
  how: Damage,
  body: Uint8Array<ArrayBuffer>,
  sleep: Engine['sleep'],
): AsyncGenerator<Uint8Array> {
  switch (how) {
    case 'cut': {
      yield firstHalf(body);
      const cause = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
      throw new TypeError('terminated', { cause });
    }
    case 'stalled':
      yield firstHalf(body);
      return new Promise(() => {});
    case 'dribbled':
      for (let at = 0; ; at += 1) {
        await sleep(dribbleMs);
        if (at === body.length) return;
        yield body.subarray(at, at + 1);
      }
    case 'gigantic':
      return yield* giganticPieces(body);
    default:
      how satisfies never;
  }
}
