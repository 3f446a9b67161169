/**
 * A mark on errors of one class. It is recognised also when a program holds two copies of the
 * package that throws them, where `instanceof` is not.
 */
export interface ErrorBrand {
  /** Marks an error, in its constructor. */
  mark(error: Error): void;
  isOn(value: unknown): boolean;
}

/** Gives the brand of a class by its full name, such as `@ticket-lifecycle/series/SeriesError`. */
export function createErrorBrand(name: string): ErrorBrand {
  const brand = Symbol.for(name);
  return {
    mark(error) {
      Object.defineProperty(error, brand, { value: true });
    },
    isOn: (value) => typeof value === 'object' && value !== null && brand in value,
  };
}
