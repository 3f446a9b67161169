import { longestTimerMs } from '../options.ts';

/** How long something is waited for at closing that should take no time. */
export const farewellMs = 1000;

/** Waits for something, but no longer than this. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, Math.min(ms, longestTimerMs));
  try {
    await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
