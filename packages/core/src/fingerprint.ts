import type { CompiledMachine } from './compile.ts';

/**
 * A hash of what a lifecycle does: states, edges, guard names and projection. Labels, titles and
 * the order of definition do not count, so a stored fingerprint changes only with behaviour.
 */
export function fingerprintOf({ initial, statuses, edges }: CompiledMachine): string {
  const rows = [...statuses].map(([state, status]) => {
    // Guarded ways of one event are asked in order, so within an event the order is behaviour.
    const ways = new Map<string, unknown[]>();
    for (const { event, to, conditions } of edges.get(state) ?? []) {
      const way = [to, conditions.map((condition) => condition.name).sort()];
      ways.set(event, [...(ways.get(event) ?? []), way]);
    }
    return [state, status, [...ways].sort(byName)] as const;
  });
  return fnv1a64(JSON.stringify([initial, rows.sort(byName)]));
}

const byName = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]) =>
  a < b ? -1 : 1;

/** FNV-1a, 64 bits, in hex: stable in every runtime and free of imports. Not for secrets. */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    for (const byte of [unit & 0xff, unit >> 8]) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    }
  }
  return hash.toString(16).padStart(16, '0');
}
