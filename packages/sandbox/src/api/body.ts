const recordedCharacters = 4096;

export type Body = { readonly text: string; readonly json?: unknown };

export function parseBody(text: string): Body {
  try {
    const json: unknown = JSON.parse(text);
    return { text, json };
  } catch {
    return { text };
  }
}

// The record shows what a person wants to see: the value if it is small, else where it begins.
export function recordedBody({ text, json }: Body): unknown {
  if (text.length > recordedCharacters) return `${text.slice(0, recordedCharacters)}…`;
  if (json !== undefined) return json;
  return text === '' ? undefined : text;
}
