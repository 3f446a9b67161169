import type { Place, Values, Word } from './places.ts';

/** An option that takes something, by the place and a name of it. */
export interface OptionWithValues {
  readonly key: string;
  readonly values: Values;
  readonly takesMany: boolean;
}

/** Every option that takes something, by its place and by each of its names. */
export const optionsWithValues = (places: readonly Place[]): readonly OptionWithValues[] =>
  places.flatMap(({ path, options }) =>
    options
      .filter(({ values }) => values !== 'none')
      .flatMap(({ name, short, values, takesMany }) =>
        [name, ...(short === undefined ? [] : [short])].map((one) => ({
          key: `${path} ${one}`,
          values,
          takesMany,
        })),
      ),
  );

/** The commands before each place, without the place at the start. */
export const pathsOf = (places: readonly Place[]): readonly string[] =>
  places.map(({ path }) => path).filter((path) => path !== '');

export const namesOf = (words: readonly Word[]): string => words.map(({ name }) => name).join(' ');

/** A text as one word of a POSIX shell, or of fish. */
export const single = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Patterns of `case`: any of these words. */
export const anyOf = (words: readonly string[]): string => words.map(single).join('|');
