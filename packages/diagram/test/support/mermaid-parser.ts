import { JSDOM } from 'jsdom';

/** What Mermaid has understood of a state diagram. */
export interface Understood {
  readonly states: readonly { readonly id: string; readonly text: string }[];
  readonly arrows: readonly { readonly from: string; readonly to: string; readonly text: string }[];
}

// Mermaid looks for a document when it is loaded.
const { window } = new JSDOM('');
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import('mermaid');
// It copies its whole configuration for each label it reads: without what other diagrams and their
// colours need, a thousand diagrams take half the time.
for (const [name, part] of Object.entries(mermaid.mermaidAPI.defaultConfig)) {
  if (name === 'state' || typeof part !== 'object') continue;
  for (const key of Object.keys(part)) Reflect.deleteProperty(part, key);
}
mermaid.initialize({});
// It knows its kinds of diagrams from the first parse on.
await mermaid.parse('stateDiagram-v2');

interface StateDb {
  getStates(): Map<string, { readonly id: string; readonly descriptions?: readonly string[] }>;
  getRelations(): readonly {
    readonly id1: string;
    readonly id2: string;
    readonly relationTitle?: string;
  }[];
}

/** Reads a diagram with Mermaid's own parser. Throws where it would show an error. */
export async function understand(text: string): Promise<Understood> {
  const { type, db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  if (type !== 'stateDiagram') throw new Error(`Mermaid takes it for ${type}.`);
  const states = db as unknown as StateDb;
  return {
    states: [...states.getStates().values()].map(({ id, descriptions = [] }) => ({
      id,
      text: decoded(descriptions.join(' ')),
    })),
    arrows: states.getRelations().map(({ id1, id2, relationTitle = '' }) => ({
      from: id1,
      to: id2,
      text: decoded(relationTitle),
    })),
  };
}

/** Undoes what Mermaid makes of an entity until it draws it, and its sanitizer of a hard space. */
const decoded = (text: string): string =>
  text
    .replaceAll(/<br\/?>/g, '\n')
    .replaceAll('&nbsp;', '\u00A0')
    .replaceAll(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCodePoint(Number(code)));
