import type { LimiterEvent } from '../limiter/limiter-event.ts';
import type { RequestEvent } from '../request/request-event.ts';

/** Takes a sentence and its details, as `console` does. */
export interface ClientLogger {
  debug(message: string, details: object): void;
  warn(message: string, details: object): void;
}

/** Tells a logger of a request event. What the logger throws or rejects with is ignored, as of any listener. */
export function logRequest(logger: ClientLogger, event: RequestEvent): void {
  const { method, template, attempt } = event;
  const request = `${method} ${template}`;
  switch (event.type) {
    case 'queued':
      return logger.debug(`${request} waits for a slot.`, event);
    case 'slot':
      return logger.debug(`${request} has a slot.`, event);
    case 'sent':
      return logger.debug(`${request} is sent, attempt ${attempt}.`, event);
    case 'retrying':
      return logger.warn(`${request} is tried again in ${event.afterMs} ms.`, event);
    case 'answered': {
      const { evidence, status, reason } = event;
      const what = [status, reason].filter((part) => part !== undefined).join(' ');
      const text = `${request} ended as ${evidence}${what === '' ? '' : `: ${what}`}.`;
      return evidence === 'limited' || evidence === 'unknown'
        ? logger.warn(text, event)
        : logger.debug(text, event);
    }
  }
}

/** Tells a logger of an event of the limiter. */
export function logLimiter(logger: ClientLogger, event: LimiterEvent): void {
  return logger.warn(`The rate limiter reports: ${event.type}.`, event);
}
