// As `engines` in package.json says; a test compares them.
const needed = [22, 13] as const;

/** Why this Node.js cannot run the program, if it is too old. */
export function nodeFault(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < needed[0] || (major === needed[0] && minor < needed[1]);
  if (!isOld) return undefined;
  return `ticket-lifecycle needs Node.js ${needed.join('.')} or newer. This is Node.js ${version}.`;
}
