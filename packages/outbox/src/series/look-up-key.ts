import { waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import type { DeliveryJob, Ending } from '../model/delivery.ts';
import { backoffMs } from '../worker/end-claim.ts';

type KeySource = (name: string) => string | Promise<string>;

/**
 * Looks the key of a delivery up, or says how the delivery ends without it. Nothing has been sent
 * yet, so a vault that is down leaves no doubt behind.
 */
export async function lookUpKey(
  delivery: DeliveryJob,
  source: KeySource,
): Promise<string | Ending> {
  const { key, timeoutMs, doubt } = delivery;
  try {
    const apiKey: unknown = await waitAtMost(timeoutMs, source(key), tooLate);
    if (typeof apiKey !== 'string')
      return endWithoutKey(delivery, `There is no API key of the name ${key}.`);
    if (apiKey !== key) return apiKey;
  } catch {
    // The error comes from the caller's key store, and may contain a key.
    return endWithoutKey(delivery, `The API key of the name ${key} could not be looked up.`);
  }
  const reason = 'Its key is stored by value. Store a name, and change the key.';
  return { kind: doubt === undefined ? 'dead' : 'unknown', reason };
}

/** How a delivery ends that could not begin. */
export function endWithoutKey({ doubt, attempt }: DeliveryJob, reason: string): Ending {
  // What an earlier attempt left in doubt is still in doubt.
  if (doubt !== undefined) {
    const delayMs = backoffMs(attempt);
    return { kind: 'read-again', reason, delayMs, isOutage: true, keyFault: 'unusable' };
  }
  return { kind: 'retry', reason, keyFault: 'unusable' };
}

/** A change must not be held for ever. */
function tooLate(): never {
  throw new Error('It took too long.');
}
