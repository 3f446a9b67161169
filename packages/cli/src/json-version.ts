/**
 * The version of what `--json` prints. Fields may be added within a version; none changes its
 * meaning or goes away.
 */
export const jsonVersion = 1;
