import { DatabaseBlockedError } from '../model/errors.ts';
import type { Call } from './call.ts';

/** A session that keeps the outbox waiting. */
interface Blocker {
  readonly pid: number;
  readonly said: string;
}

/**
 * Who keeps the dispatcher waiting, or else those who accept changes of these lanes. It is asked after
 * something has failed, so it gives none where it can't tell.
 */
export async function blockersOf(
  call: Call,
  input: { readonly lanes?: readonly string[] | undefined } = {},
): Promise<DatabaseBlockedError[]> {
  const blockers = await call<Blocker[]>('blockers', input).catch(() => []);
  return blockers.map(({ pid, said }) => {
    const cure = `To end it: select pg_terminate_backend(${pid});`;
    return new DatabaseBlockedError(
      `${said} What it has locked waits until its transaction ends. ${cure}`,
      { pid },
    );
  });
}
