/** When a figure was measured, and on which commit: what a benchmark writes at the end of a report. */
export interface Measurement {
  readonly date: string;
  readonly commit: string;
}

/** Reads that line. A report without one has an unknown age, so no page may show its figures. */
export function measuredIn(report: string): Measurement {
  const line = /Measured on (?<date>\d{4}-\d\d-\d\d) at commit (?<commit>[0-9a-f]{7,40})\b/;
  const { date, commit } = line.exec(report)?.groups ?? {};
  if (date === undefined || commit === undefined) {
    throw new Error('A report must say "Measured on DATE at commit COMMIT."; this one does not.');
  }
  return { date, commit };
}
