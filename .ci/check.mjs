// Runs every check of the repository, each even if another failed, and ends with one plain line.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { styleText } from 'node:util';

const report = 'coverage/tests.json';
const siteReport = 'coverage/site.json';
const site = 'pnpm --filter @ticket-lifecycle/docs run';
const checks = [
  { name: 'format', command: 'pnpm run format:check' },
  { name: 'lint', command: 'pnpm run lint' },
  { name: 'types', command: 'pnpm run types' },
  {
    name: 'tests',
    command: `pnpm run unit --reporter=default --reporter=json --outputFile.json=${report}`,
  },
  { name: 'build', command: 'pnpm run build:packages' },
  { name: 'exports', command: 'pnpm run exports' },
  { name: 'unused', command: 'pnpm run unused' },
  { name: 'size', command: 'pnpm run size' },
  {
    name: 'docs',
    command: `${site} components && ${site} site && ${site} look --reporter=default --reporter=json --outputFile.json=../${siteReport}`,
  },
];

let passed = 0;
let failed = 0;
for (const file of [report, siteReport]) rmSync(file, { force: true });
for (const { name, command } of checks) {
  console.log(styleText('bold', `\n── ${name}`));
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit' });
  if (status === 0) passed += 1;
  else failed += 1;
  if (status !== 0) console.log(styleText('red', `${name} failed`));
}
// A step is a check beside its tests: the coverage can be too low though no test fails.
for (const file of [report, siteReport]) {
  const tests = countTests(file);
  passed += tests.passed;
  failed += tests.failed;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function countTests(file) {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(file, 'utf8'));
    return { passed: Number(numPassedTests), failed: Number(numFailedTests) };
  } catch {
    return { passed: 0, failed: 0 };
  }
}
