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
  const { key, timeoutMs } = delivery;
  try {
    const apiKey: unknown = await waitAtMost(timeoutMs, source(key), tooLate);
    if (typeof apiKey !== 'string')
      return endWithoutKey(delivery, `${key} is the name of no API key.`);
    if (apiKey !== key) return apiKey;
  } catch {
    // What it threw belongs to whoever keeps the keys, and may show one.
    return endWithoutKey(
      delivery,
      `There was no API key for the name ${key}: looking it up failed.`,
    );
  }
  return { kind: 'dead', reason: 'Its key is stored by value. Store a name, and change the key.' };
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
