import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';

const files: Readonly<Record<string, readonly [name: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/sandbox/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/sandbox/page.js': ['page.js', 'text/javascript; charset=utf-8'],
};

// Nothing from elsewhere, and nobody may frame the switches to have them clicked unseen.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Sends a file of the page; answers whether there is one under this path. */
export async function sendPageFile(path: string, response: ServerResponse): Promise<boolean> {
  const file = Object.hasOwn(files, path) ? files[path] : undefined;
  if (file === undefined) return false;
  const [name, type] = file;
  // The same way up from src/http and from dist/http.
  const content = await readFile(new URL(`../../page/${name}`, import.meta.url));
  response.writeHead(200, {
    'content-type': type,
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  response.end(content);
  return true;
}
