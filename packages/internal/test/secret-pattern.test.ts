import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { secretPattern } from '../src/secret-pattern.ts';

const hide = (text: string, secret: string): string =>
  text.replaceAll(secretPattern(secret), '[redacted]');
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const numbered = (form: (code: number) => string) => (text: string) =>
  text.replaceAll(/[^a-z0-9]/giu, (sign) => form(sign.codePointAt(0) ?? 0));

/** How a secret may be written in what somebody else says. */
const writings: readonly (readonly [string, (secret: string) => string])[] = [
  ['as it is', (secret) => secret],
  ['in JSON', json],
  ['in JSON in JSON', (secret) => json(json(secret))],
  ['in JSON in JSON in JSON', (secret) => json(json(json(secret)))],
  ['in a URL', encodeURIComponent],
  ['in a URL in a URL', (secret) => encodeURIComponent(encodeURIComponent(secret))],
  ['in a URL in JSON', (secret) => json(encodeURIComponent(secret))],
  ['in HTML by numbers', numbered((code) => `&#${code};`)],
  ['in HTML by numbers in HTML', numbered((code) => `&amp;#x${code.toString(16)};`)],
];

/** The same where nothing can be left but what the neighbours share. */
const inBase64: readonly (readonly [string, (secret: string) => string])[] = [
  ['alone', base64],
  ['as a user', (secret) => base64(`${secret}:`)],
  ['as the password of a user', (secret) => base64(`api:${secret}`)],
  ['as the password of a long name', (secret) => base64(`somebody:${secret}`)],
  ['for a URL', (secret) => Buffer.from(`ab:${secret}`).toString('base64url')],
  ['in a URL', (secret) => encodeURIComponent(base64(`ab:${secret}`))],
  ['in JSON of PHP', (secret) => base64(`a:${secret}`).replaceAll('/', '\\/')],
];

const secrets = [
  'sk_live/a+b<c&d==.x',
  '-begins-and-ends-with-signs-',
  'back\\slash\\\\key',
  'plain0letters1only',
  'passwort-mit-ümläuten-🔑',
];

describe.each(secrets)('the secret %s is found', (secret) => {
  test.each(writings)('%s', (_, write) => {
    expect(hide(`key ${write(secret)}, and more`, secret)).toBe('key [redacted], and more');
  });

  test.each(inBase64)('in Base64 %s', (_, write) => {
    const hidden = hide(`Basic ${write(secret)}, and more`, secret);
    // Before it the user, behind it what its neighbour shares with it, and what fills up.
    expect(hidden).toMatch(/^Basic \S{0,14}\[redacted\]\w{0,2}(?:=|%3D){0,2}, and more$/);
  });
});

test('whatever the secret is, and wherever it is written', () => {
  const visible = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 8,
    maxLength: 40,
  });
  fc.assert(
    fc.property(visible, fc.constantFrom(...writings), fc.string(), (secret, [, write], before) => {
      const written = write(secret);
      expect(hide(`${before} ${written} `, secret)).not.toContain(` ${written} `);
      expect(hide(`${before} ${written} `, secret)).toContain('[redacted]');
    }),
  );
});

test.each(['sk-liveXa', 'sk-live', 'SK-LIVE.A', 'sklive.a', 'c2stbGl2'])(
  'a text such as %s is only like a secret, and stays',
  (text) => {
    expect(hide(text, 'sk-live.a')).toBe(text);
  },
);

test.each([
  ['backslashes', '\\'],
  ['beginnings of signs in a URL', '%25'],
  ['beginnings of signs in HTML', '&amp;'],
  ['the secret without its end', '-key-'],
])('a long text of %s takes no longer than its length', (_, part) => {
  // Were it the square, this would take hours.
  const text = part.repeat(2_000_000);
  expect(hide(text, '-key-of-signs')).toBe(text);
});
