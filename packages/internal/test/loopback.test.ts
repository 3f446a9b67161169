import { expect, test } from 'vitest';
import { isLoopback } from '../src/loopback.ts';

test.each(['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])('%s is this machine', (name) => {
  expect(isLoopback(name)).toBe(true);
});

test.each(['api.series.hr', '127.0.0.1.example', 'localhost.example', '10.0.0.1', '0.0.0.0', ''])(
  '%s is another',
  (name) => {
    expect(isLoopback(name)).toBe(false);
  },
);
