import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createTerminal } from '../../src/terminal/terminal.ts';
import { printable } from '../../src/terminal/text.ts';

const key = 'sk_live/5up3r+s3cr3t==';

function terminal() {
  const said: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      said.push(String(chunk));
      done();
    },
  });
  return { ...createTerminal(stream, stream), text: () => said.join('') };
}

test.each([
  ['as it is', key],
  ['in a URL', encodeURIComponent(key)],
  ['in a URL in a URL', encodeURIComponent(encodeURIComponent(key))],
  ['in JSON of PHP', key.replaceAll('/', '\\/')],
  ['in JSON in JSON', JSON.stringify(JSON.stringify(key.replaceAll('/', '\\/')))],
  ['in HTML', key.replaceAll('/', '&#x2F;').replaceAll('+', '&#43;').replaceAll('=', '&#61;')],
  ['in Base64', Buffer.from(key).toString('base64')],
  ['as the password of a user', Buffer.from(`api:${key}`).toString('base64')],
  ['as a user', Buffer.from(`${key}:`).toString('base64url')],
])('a key that a server repeats %s is neither printed nor said', async (_, written) => {
  const { output, messages, secrets, text } = terminal();
  secrets.add(key);
  await output.print(`server: ${written}.`);
  await output.printJson({ serverMessage: `bad ${written} here` });
  messages.show(`error: ${written}`);
  messages.note(`note: ${written}`);
  await output.flush();
  expect(text().match(/\[redacted\]/g)).toHaveLength(4);
  for (const part of ['5up3r', 's3cr3t', '5up3r'.slice(1), written]) {
    expect(text()).not.toContain(part);
  }
});

test('what is hidden may have any letters, and is told from what is only like it', () => {
  const { secrets } = terminal();
  secrets.add('geheim-größer-🔑');
  secrets.add('short');
  secrets.add(undefined);
  expect(secrets.hide('geheim-größer-🔑 geheim-größer-🔒 short')).toBe(
    '[redacted] geheim-größer-🔒 short',
  );
});

test('a text from outside turns no line around and ends none', () => {
  const { messages, text } = terminal();
  const sly = 'ok \u{202E}txet\u{2066} a\u{2028}b\u{2029}c \u{1B}[2J \u{9B}31m';
  messages.show(`one\n\ttwo ${sly}`);
  expect(text()).toBe(`one\n\ttwo ${printable(sly)}\n`);
  expect(text().replace('\n\t', '')).not.toMatch(/[\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
  expect(text().replaceAll(/[\n\t]/g, '')).not.toMatch(/\p{Cc}/u);
  // Persian words are joined by such a sign.
  expect(printable('می\u{200C}شود')).toBe('می\u{200C}شود');
});
