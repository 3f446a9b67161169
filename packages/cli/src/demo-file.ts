import { fileURLToPath } from 'node:url';

/** A file of the demo. It lies beside `src` and beside `dist`, so this file stays at the root. */
export const demoFile = (name: string): string =>
  fileURLToPath(new URL(`../demo/${name}`, import.meta.url));
