/**
 * A promise that has failed, for any number of others to follow. That nobody listens to it itself
 * is no oversight to be reported; whoever leaves one of the others unheard is still told.
 */
export function failed(reason: unknown): Promise<never> {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return promise;
}
