/** What to give for each argument that a command can't do without. */
export const cures: Readonly<Record<string, string>> = {
  file: 'Give the path of a file, or - for standard input.',
  ticket: 'Name a ticket, such as TICKET-1.',
  journal: 'Give the path of a journal: apply writes it beside its file.',
  id: 'Give the id of a change: "outbox waiting", "outbox blocked" and "outbox dead" show it.',
  key: 'Give the name of a key: "outbox status" shows it.',
  old: 'Give the path of a lifecycle, or default for the one of this tool.',
  new: 'Give the path of a second lifecycle, or default for the one of this tool.',
  shell: 'Name your shell: bash, zsh, fish or powershell.',
};

/** Says that an argument is missing, and what to give for it. */
export function missingArgument(name: string): string {
  const cure = cures[name];
  return `missing required argument '${name}'${cure === undefined ? '' : `. ${cure}`}`;
}
