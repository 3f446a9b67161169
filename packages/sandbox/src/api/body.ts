export type Body = { readonly text: string; readonly json?: unknown };

export function parseBody(text: string): Body {
  try {
    const json: unknown = JSON.parse(text);
    return { text, json };
  } catch {
    return { text };
  }
}
