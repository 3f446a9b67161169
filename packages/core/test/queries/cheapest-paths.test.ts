import { describe, expect, test } from 'vitest';
import { cheapestPaths } from '../../src/queries/cheapest-paths.ts';

interface Road {
  readonly from: string;
  readonly to: string;
  readonly name: string;
}

const mapOf = (roads: readonly Road[]) => {
  const map = new Map<string, Road[]>();
  for (const road of roads) map.set(road.from, [...(map.get(road.from) ?? []), road]);
  return map;
};
const namesOf = (ways: readonly Road[][]) =>
  ways.map((way) => way.map(({ name }) => name).join(' '));
const find = (
  roads: readonly Road[],
  from: string,
  targets: string[],
  rank: (road: Road) => number = () => 0,
  open = (road: Road) => road,
) => {
  const map = mapOf(roads);
  const graph = { edgesOf: (at: string) => map.get(at) ?? [], open, costOf: () => 1 };
  return namesOf(cheapestPaths(from, new Set(targets), graph, rank));
};

describe('the shortest ways', () => {
  const roads = [
    { from: 'a', to: 'b', name: 'ab' },
    { from: 'a', to: 'c', name: 'ac' },
    { from: 'b', to: 'd', name: 'bd' },
    { from: 'c', to: 'd', name: 'cd' },
    { from: 'd', to: 'e', name: 'de' },
    { from: 'd', to: 'a', name: 'da' },
  ];

  test('are all given, in order of definition', () => {
    expect(find(roads, 'a', ['e'])).toEqual(['ab bd de', 'ac cd de']);
  });

  test('lead to the nearest of several targets', () => {
    expect(find(roads, 'a', ['e', 'c'])).toEqual(['ac']);
    expect(find(roads, 'a', ['b', 'c'])).toEqual(['ab', 'ac']);
  });

  test('are none where nothing leads', () => {
    expect(find(roads, 'e', ['a'])).toEqual([]);
    expect(find(roads, 'a', ['nowhere'])).toEqual([]);
    expect(find(roads, 'a', [])).toEqual([]);
  });

  test('are ranked at the first fork and at later ones', () => {
    expect(find(roads, 'a', ['e'], ({ name }) => (name === 'ac' ? 0 : 1))).toEqual(['ac cd de']);
    expect(find(roads, 'a', ['e'], ({ name }) => (name === 'bd' ? 0 : 1))).toEqual(['ab bd de']);
  });
});

test('no road is asked that leads behind the nearest target, or away from it', () => {
  const roads = [
    { from: 'a', to: 'b', name: 'ab' },
    { from: 'b', to: 'c', name: 'bc' },
    { from: 'b', to: 'd', name: 'bd' },
    { from: 'c', to: 'e', name: 'ce' },
    { from: 'd', to: 'a', name: 'da' },
  ];
  const asked: string[] = [];
  const open = (road: Road) => {
    asked.push(road.name);
    return road;
  };
  expect(find(roads, 'a', ['c', 'e'], undefined, open)).toEqual(['ab bc']);
  expect(asked).toEqual(['ab', 'bc']);
});

describe('where there are more ways than anybody reads', () => {
  const stations = Array.from({ length: 30 }, (_, index) => `s${index}`);
  const wide = stations.flatMap((to, index) => [
    { from: 'a', to, name: `in${index}` },
    { from: to, to: 'z', name: index < 27 ? 'slow' : 'fast' },
  ]);

  test('twenty are given, the first by definition', () => {
    const ways = find(wide, 'a', ['z']);
    expect(ways).toHaveLength(20);
    expect(ways[0]).toBe('in0 slow');
  });

  test('the cut never hides a preferred one further on', () => {
    expect(find(wide, 'a', ['z'], ({ name }) => (name === 'fast' ? 0 : 1))).toEqual([
      'in27 fast',
      'in28 fast',
      'in29 fast',
    ]);
  });

  test('exponentially many cost no more than a few', () => {
    const long = Array.from({ length: 60 }, (_, index) =>
      ['x', 'y', 'z'].map((name) => ({ from: `n${index}`, to: `n${index + 1}`, name })),
    ).flat();
    const ways = find(long, 'n0', ['n60']);
    expect(ways).toHaveLength(20);
    expect(new Set(ways).size).toBe(20);
  });
});
