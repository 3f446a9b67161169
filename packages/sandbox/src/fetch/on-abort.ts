// Node.js ties a request to its caller's signal by a weak reference: an abort of a request that
// nobody holds any more goes unheard, and what waits for it would wait for ever.
const held = new Set<Request>();

/** Calls back once if the request is aborted. Answers a function that ends the waiting for it. */
export function onAbort(request: Request, listener: (reason: unknown) => void): () => void {
  const { signal } = request;
  const end = () => {
    signal.removeEventListener('abort', abort);
    held.delete(request);
  };
  const abort = () => {
    end();
    listener(signal.reason);
  };
  if (signal.aborted) {
    listener(signal.reason);
    return end;
  }
  held.add(request);
  signal.addEventListener('abort', abort);
  return end;
}
