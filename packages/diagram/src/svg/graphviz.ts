import type { Graph, Viz } from '@viz-js/viz';
import { DiagramError } from '../errors.ts';

/** Lays a graph out with Graphviz: its own JSON, with y growing downwards. */
export type LayOut = (graph: Graph) => unknown;

let loading: Promise<Viz> | undefined;

// Imported when first needed: who draws Mermaid or DOT loads no WASM, even from a bundle.
async function load(): Promise<Viz> {
  const { instance } = await import('@viz-js/viz');
  return instance();
}

/** Loads Graphviz. From then on it lays out without a wait. */
export async function loadGraphviz(): Promise<LayOut> {
  loading ??= load();
  const viz = await loading;
  return (graph) => {
    try {
      const result = viz.render(graph, { format: 'json0', engine: 'dot', yInvert: true });
      if (result.status === 'success') return JSON.parse(result.output) as unknown;
      throw new Error(result.errors.map(({ message }) => message).join('; '));
    } catch (cause) {
      const seen = cause instanceof Error ? cause.message : String(cause);
      throw new DiagramError('no-layout', `toSvg: Graphviz found no layout: ${seen}.`, { cause });
    }
  };
}

/** Draws with Graphviz, and with a new one if the first gives up. */
export async function withGraphviz<Drawn>(draw: (layOut: LayOut) => Drawn): Promise<Drawn> {
  try {
    return draw(await loadGraphviz());
  } catch (error) {
    if (!DiagramError.is(error) || error.code !== 'no-layout') throw error;
    // A WASM program that trapped once is in disorder from then on, and may have trapped because
    // of an earlier graph: seen about once in a few thousand. A new one tells.
    loading = undefined;
  }
  try {
    return draw(await loadGraphviz());
  } catch (error) {
    loading = undefined;
    throw error;
  }
}
