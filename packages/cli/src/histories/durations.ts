import { CliError } from '../cli-error.ts';

const units = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** Reads a duration such as `8h`, `30min`, `1.5d` or `2d12h`, in milliseconds. A day has 24 hours. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*(min|ms|[smhdw])\s*/gy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  if (parts.length === 0 || length !== text.length) return undefined;
  return parts.reduce((sum, [, number, unit]) => {
    return sum + Number(number) * units[unit as keyof typeof units] * 1000;
  }, 0);
}

/** A promise: how long a visit to a state or status may take. */
export interface Promised {
  readonly name: string;
  readonly limitMs: number;
}

/** Reads `--sla`, such as `open=8h` or `open=8h,resolved=2d`. */
export const parsePromises = (text: string): Promised[] => text.split(',').map(parsePromise);

function parsePromise(text: string): Promised {
  const at = text.lastIndexOf('=');
  const name = text.slice(0, Math.max(0, at)).trim();
  const limitMs = parseDuration(text.slice(at + 1).trim());
  if (name !== '' && limitMs !== undefined && limitMs > 0) return { name, limitMs };
  const unit = /=\s*[\d.]+\s*$/.test(text) ? ' A number needs its unit.' : '';
  throw new CliError(
    `--sla: "${text.trim()}" is not a promise. Write NAME=DURATION, such as open=8h, open=30min or resolved=2d, several with commas.${unit}`,
  );
}
