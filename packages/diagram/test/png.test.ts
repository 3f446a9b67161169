import { globSync } from 'node:fs';
import { ticketLifecycle } from '@ticket-lifecycle/core';
import { expect, onTestFinished, test, vi } from 'vitest';
import { DiagramError, toSvg } from '../src/index.ts';
import { toPng } from '../src/png/png.ts';
import { schemes } from '../src/svg/svg-style.ts';
import { guarded } from './support/lifecycles.ts';
import { pixelsOf } from './support/png-pixels.ts';

const fonts = globSync('/usr/share/fonts/**/*.{ttf,otf}');
// Nothing else is a reason to skip: a fault must show.
const hasFont = await toPng(ticketLifecycle).then(
  () => true,
  (error: unknown) => !DiagramError.is(error) || error.code !== 'no-font',
);
if (!hasFont) process.stderr.write('Without a font no PNG is tested.\n');

/** How often each colour is there. */
function colorsOf(png: Uint8Array): Map<string, number> {
  const { width, height, at } = pixelsOf(png);
  const counts = new Map<string, number>();
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) counts.set(at(x, y), (counts.get(at(x, y)) ?? 0) + 1);
  }
  return counts;
}

test.skipIf(!hasFont)('an image is twice as large as the drawing, or as you say', async () => {
  const svg = await toSvg(ticketLifecycle);
  const [width, height] = ['width', 'height'].map((name) =>
    Number(new RegExp(` ${name}="(\\d+)"`).exec(svg)?.[1]),
  );
  const sizeOf = async (scale?: number) => {
    const pixels = pixelsOf(await toPng(ticketLifecycle, scale === undefined ? {} : { scale }));
    return [pixels.width, pixels.height];
  };
  expect(await sizeOf()).toEqual([Number(width) * 2, Number(height) * 2]);
  expect(await sizeOf(1)).toEqual([width, height]);
});

test.skipIf(!hasFont)(
  'a title from right to left is in the image, as one from left to right',
  async () => {
    const inkOf = async (title: string) => {
      const { width, at } = pixelsOf(await toPng(ticketLifecycle, { title }));
      let ink = 0;
      for (let y = 0; y < 44; y += 1) {
        for (let x = 60; x < width; x += 1) if (at(x, y) !== schemes.light.paper) ink += 1;
      }
      return ink;
    };
    expect(await inkOf('The lifecycle of it')).toBeGreaterThan(400);
    expect(await inkOf('מחזור החיים של כרטיס')).toBeGreaterThan(400);
  },
);

test.skipIf(!hasFont).each(['light', 'dark'] as const)(
  'it has the colours of its scheme: %s',
  async (scheme) => {
    const { ink, paper, current, enabled, blocked } = schemes[scheme];
    const png = await toPng(guarded, { at: 'open', scheme });
    const colors = colorsOf(png);
    expect(pixelsOf(png).at(0, 0)).toBe(paper);
    for (const color of [ink, current, enabled, blocked]) {
      expect([color, (colors.get(color) ?? 0) > 40]).toEqual([color, true]);
    }
    const plain = colorsOf(await toPng(guarded, { scheme }));
    expect([current, enabled, blocked].map((color) => plain.get(color))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  },
);

test.skipIf(!hasFont)('an enabled edge that reopens is as strong as any other', async () => {
  const colors = colorsOf(await toPng(ticketLifecycle, { at: 'closed', legend: false }));
  expect(colors.get(schemes.light.enabled)).toBeGreaterThan(500);
});

test.skipIf(!hasFont)('its texts are written, and another text is another image', async () => {
  const [one, other] = await Promise.all([
    toPng(ticketLifecycle, { title: 'Support' }),
    toPng(ticketLifecycle, { title: 'Returns' }),
  ]);
  expect(Buffer.compare(one, other)).not.toBe(0);
  expect(Buffer.compare(one, await toPng(ticketLifecycle, { title: 'Support' }))).toBe(0);
});

test.skipIf(fonts.length === 0)(
  'a font file of yours takes the place of the fonts of the machine',
  async () => {
    const [font = ''] = fonts;
    expect(Buffer.from(await toPng(ticketLifecycle, { fontFiles: [font] }))).not.toHaveLength(0);
    await expect(
      toPng(ticketLifecycle, { fontFiles: ['/no/such/font.ttf'] }),
    ).rejects.toMatchObject({
      code: 'no-font',
      message: 'toPng: no font in "fontFiles" can be read: /no/such/font.ttf.',
    });
  },
);

test('without the renderer it says what to install', async () => {
  vi.doMock('@resvg/resvg-js', () => {
    throw new Error('Cannot find package');
  });
  onTestFinished(() => vi.doUnmock('@resvg/resvg-js'));
  await expect(toPng(ticketLifecycle)).rejects.toMatchObject({
    code: 'no-renderer',
    message: expect.stringContaining('npm install @resvg/resvg-js') as string,
  });
});

test.each([
  [{ scale: 0 }, 'option "scale" must be a number from 0.1 to 10, received 0.'],
  [{ scheme: 'auto' }, 'option "scheme" must be one of "light", "dark", received "auto".'],
  [{ fontFiles: [] }, 'option "fontFiles" must be paths of font files, received a list.'],
  [{ playable: true }, 'unknown option "playable"'],
])('an option that makes no sense is refused: %j', async (options, message) => {
  await expect(toPng(ticketLifecycle, options as never)).rejects.toThrow(message);
});
