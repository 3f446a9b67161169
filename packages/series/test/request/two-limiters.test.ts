import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../support/two-limiters.process.ts', import.meta.url));

/** The warnings of a process of its own: each process warns once. */
async function warningsOf(name: string) {
  const condition = ['--conditions', '@ticket-lifecycle/source'];
  const { stdout } = await promisify(execFile)(process.execPath, [...condition, script, name]);
  return JSON.parse(stdout) as { code: string; message: string; all: string }[];
}

test.each([['two limiters'], ['two key functions'], ['two names of the key in one limiter']])(
  'two clients of one key with %s cause one warning, without the key',
  async (name) => {
    const warnings = await warningsOf(name);
    expect(warnings.map(({ code }) => code)).toEqual(['TICKET_LIFECYCLE_TWO_LIMITERS']);
    expect(warnings[0]?.message).toContain('Give all clients of the key the same "rateLimiter"');
    expect(JSON.stringify(warnings)).not.toContain('sk-first');
  },
);

test.each([['one limiter'], ['two keys'], ['two servers'], ['a limiter of their own each']])(
  'two clients with %s cause none',
  async (name) => {
    expect(await warningsOf(name)).toEqual([]);
  },
);
