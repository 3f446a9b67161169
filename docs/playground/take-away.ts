import type { PageLifecycle } from './definition.ts';

/** The forms in which a lifecycle leaves the page. */
export const exports = {
  typescript: { label: 'TypeScript', file: 'lifecycle.ts' },
  json: { label: 'JSON', file: 'lifecycle.json' },
  mermaid: { label: 'Mermaid', file: 'lifecycle.mmd' },
  readme: { label: 'a block for a README', file: 'lifecycle.md' },
  svg: { label: 'SVG', file: 'lifecycle.svg' },
} as const;

export type ExportName = keyof typeof exports;

/** What is taken along. */
export interface Taken {
  readonly lifecycle: PageLifecycle;
  readonly config: object;
  readonly guards: readonly string[];
}

/** Writes a lifecycle in one of the forms. The drawing packages are loaded when they are wanted. */
export async function exportAs(name: ExportName, taken: Taken): Promise<string> {
  if (name === 'typescript') return typescriptOf(taken);
  if (name === 'json') return `${inOneDirection(JSON.stringify(taken.config, null, 2))}\n`;
  const { toMermaid, toSvg, refreshMarkdown } = await import('@ticket-lifecycle/diagram');
  const { lifecycle } = taken;
  switch (name) {
    case 'mermaid':
      return toMermaid(lifecycle);
    case 'readme':
      return refreshMarkdown(
        '<!-- ticket-lifecycle diagram -->\n<!-- /ticket-lifecycle diagram -->\n',
        lifecycle,
      );
    case 'svg':
      return toSvg(lifecycle);
  }
}

const mostPixels = 16_000_000;

/** The picture in twice its size, on white. Only for browsers. */
export async function pngOf(lifecycle: PageLifecycle): Promise<Blob> {
  const { toSvg } = await import('@ticket-lifecycle/diagram');
  const image = new Image();
  const svg = await toSvg(lifecycle, { scheme: 'light' });
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const scale = Math.min(2, Math.sqrt(mostPixels / (image.width * image.height)));
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(image.width * scale);
  canvas.height = Math.ceil(image.height * scale);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob === null) throw new Error('The picture is too large for a PNG. Take the SVG.');
  return blob;
}

/** A module that defines the lifecycle, with a guard to fill in for each name. */
function typescriptOf({ lifecycle, config, guards }: Taken): string {
  const machine = literal(config, '');
  const head = "import { defineLifecycle } from '@ticket-lifecycle/core';\n\n";
  if (guards.length === 0) return `${head}export const lifecycle = defineLifecycle(${machine});\n`;
  const answers = guards.map((name) => `  ${key(name)}: boolean;\n`).join('');
  const own = guards.map((name) => {
    const member = isIdentifier(name) ? `context.${name}` : `context[${quoted(name)}]`;
    return `      ${key(name)}: ({ context }: { context: Facts }) => ${member},\n`;
  });
  const start = guards.map((name) => `${key(name)}: false`).join(', ');
  // In the page, too, what the guards ask takes the place of the machine's own context.
  const asked = { context: undefined };
  const withContext = literal({ ...asked, ...config, ...asked }, '').replace(
    'context: undefined',
    () => `context: { ${start} } as Facts`,
  );
  return `${head}/** What the guards ask. */\ninterface Facts {\n${answers}}\n\nexport const lifecycle = defineLifecycle(\n${indent(withContext)},\n  {\n    guards: {\n${own.join('')}    },\n${messagesOf(lifecycle)}  },\n);\n`;
}

/** What people are told when a guard does not hold. */
function messagesOf(lifecycle: PageLifecycle): string {
  const all = lifecycle.edges.flatMap(({ guards }) => guards);
  const told = new Map(
    all.flatMap(({ name, message }) => (message === undefined ? [] : [[name, message] as const])),
  );
  if (told.size === 0) return '';
  const lines = [...told].map(([name, message]) => `      ${key(name)}: ${quoted(message)},\n`);
  return `    guardMessages: {\n${lines.join('')}    },\n`;
}

const indent = (text: string): string => text.replaceAll(/^/gm, '  ');

/** A value as an object literal of TypeScript. */
function literal(value: unknown, before: string): string {
  const inner = `${before}  `;
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, before)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  const lines = entries.map(([name, own]) => `${inner}${key(name)}: ${literal(own, inner)},\n`);
  return `{\n${lines.join('')}${before}}`;
}

const isIdentifier = (name: string): boolean =>
  /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__';
const key = (name: string): string =>
  name === '__proto__' ? "['__proto__']" : isIdentifier(name) ? name : quoted(name);
/** Letters that turn the direction of a text would show code in another order than it has. */
const inOneDirection = (text: string): string =>
  text.replaceAll(
    /\p{Bidi_Control}/gu,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
const quoted = (text: string): string =>
  `'${inOneDirection(JSON.stringify(text))
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)}'`;
