/** Prepares a text in which `*` stands for anything. */
export function wildcard(pattern: string): (value: string) => boolean {
  if (!pattern.includes('*')) return (value) => value === pattern;
  const parts = pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, String.raw`\$&`));
  const matcher = new RegExp(`^${parts.join('.*')}$`, 's');
  return (value) => matcher.test(value);
}
