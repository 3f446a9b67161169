import type { Graph, Viz } from '@viz-js/viz';
import { DiagramError } from '../errors.ts';

let loading: Promise<Viz> | undefined;

// Imported when first needed: who draws Mermaid or DOT loads no WASM, even from a bundle.
async function load(): Promise<Viz> {
  const { instance } = await import('@viz-js/viz');
  return instance();
}

/** Lays a graph out with Graphviz: its own JSON, with y growing downwards. */
export async function layOut(graph: Graph): Promise<unknown> {
  try {
    return await tryLayOut(graph);
  } catch {
    // A WASM program that trapped once is in disorder from then on, and may have trapped because
    // of an earlier graph: seen about once in a few thousand. A new one tells.
    loading = undefined;
  }
  try {
    return await tryLayOut(graph);
  } catch (cause) {
    loading = undefined;
    const seen = cause instanceof Error ? cause.message : String(cause);
    throw new DiagramError('no-layout', `toSvg: Graphviz found no layout: ${seen}.`, { cause });
  }
}

async function tryLayOut(graph: Graph): Promise<unknown> {
  loading ??= load();
  const viz = await loading;
  const result = viz.render(graph, { format: 'json0', engine: 'dot', yInvert: true });
  if (result.status === 'success') return JSON.parse(result.output) as unknown;
  throw new Error(result.errors.map(({ message }) => message).join('; '));
}
