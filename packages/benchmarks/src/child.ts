import { fork } from 'node:child_process';

/** A process of ours that answers what it is asked. */
export interface Child<Question, Answer> {
  ask(question: Question): Promise<Answer>;
  /** Ends it at once, as a crash would; what it was asked is never answered. */
  kill(): void;
}

interface Envelope {
  readonly id: number;
  readonly content?: unknown;
  readonly error?: string;
}

/**
 * Starts a process that runs {@link answerAsChild}.
 *
 * @param onExit - is told when it ends by itself
 */
export function startChild<Question, Answer>(
  file: URL,
  onExit = () => {},
): Child<Question, Answer> {
  const child = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  let asked = 0;
  let isKilled = false;
  child.on('exit', (code) => {
    if (isKilled) return;
    for (const { reject } of waiting.values()) reject(new Error(`A child ended with ${code}.`));
    onExit();
  });
  child.on('message', ({ id, content, error }: Envelope) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error === undefined) resolve?.(content as Answer);
    else reject?.(new Error(error));
  });
  return {
    ask(question) {
      const answer = Promise.withResolvers<Answer>();
      waiting.set(asked, answer);
      child.send({ id: asked, content: question } satisfies Envelope);
      asked += 1;
      return answer.promise;
    },
    kill() {
      isKilled = true;
      child.kill('SIGKILL');
    },
  };
}

/** Makes this process answer its parent, and end with it. */
export function answerAsChild(answer: (question: never) => Promise<unknown>): void {
  process.on('message', ({ id, content }: Envelope) => {
    answer(content as never).then(
      (reply) => process.send?.({ id, content: reply } satisfies Envelope),
      (error: unknown) => process.send?.({ id, error: String(error) } satisfies Envelope),
    );
  });
  process.on('disconnect', () => process.exit());
}
