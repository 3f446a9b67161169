import type { TestProject } from 'vitest/node';
import { serveSite } from '../../build/serve.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    siteUrl: string;
  }
}

export default async function serve(project: TestProject): Promise<() => Promise<void>> {
  const { url, close } = await serveSite(0);
  project.provide('siteUrl', url);
  return close;
}
