/**
 * Gives the brand of a class by its full name, such as `@ticket-lifecycle/series/SeriesError`: a mark
 * on its errors, which is recognised also when a program holds two copies of the package that throws
 * them, where `instanceof` is not.
 */
export function createErrorBrand(name: string) {
  const brand = Symbol.for(name);
  return {
    /** Marks an error, in its constructor. */
    mark(error: Error): void {
      Object.defineProperty(error, brand, { value: true });
    },
    isOn: (value: unknown) => typeof value === 'object' && value !== null && brand in value,
  };
}
