// Runs every check of the repository, each even if another failed, and ends with one plain line.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { styleText } from 'node:util';

const report = 'coverage/tests.json';
const coveredReport = 'coverage/covered.json';
const siteReport = 'coverage/site.json';
const reports = [report, coveredReport, siteReport];
const env = { ...process.env };
delete env.TICKET_LIFECYCLE_IS_BUILT;
const site = 'pnpm --filter @ticket-lifecycle/docs run';
// Each inner list is a lane: its checks run one after another, and the lanes of a phase side by side.
// Many tests wait, for timeouts, servers and databases, and leave the machine to the other lane.
const phases = [
  [
    [{ name: 'build', command: 'pnpm run build:packages' }],
    [
      { name: 'format', command: 'pnpm run format:check' },
      { name: 'lint', command: 'pnpm run lint' },
    ],
  ],
  [
    [
      {
        name: 'tests',
        command: `pnpm run unit --reporter=default --reporter=json --outputFile.json=${report}`,
      },
      {
        name: 'tests of core and series',
        command: `pnpm run unit:covered --reporter=default --reporter=json --outputFile.json=${coveredReport}`,
      },
    ],
    [
      { name: 'site', command: `${site} components && ${site} site` },
      {
        name: 'look',
        command: `${site} look --reporter=default --reporter=json --outputFile.json=../${siteReport}`,
      },
      { name: 'exports', command: 'pnpm run exports' },
      { name: 'types of a consumer', command: 'node .ci/check-types.mjs' },
      { name: 'unused', command: 'pnpm run unused' },
      { name: 'size', command: 'pnpm run size' },
    ],
  ],
];

let passed = 0;
let failed = 0;
const whatFailed = [];
for (const file of reports) rmSync(file, { force: true });
for (const lanes of phases) {
  const names = lanes.map((lane) => lane.map(({ name }) => name).join(', then '));
  console.log(styleText('dim', `\n… ${names.join('; beside it ')}`));
  await Promise.all(
    lanes.map(async (lane) => {
      for (const step of lane) {
        if (await check(step)) passed += 1;
        else {
          failed += 1;
          whatFailed.push(step.name);
        }
      }
    }),
  );
}
// A step is a check beside its tests: the coverage can be too low though no test fails.
for (const file of reports) {
  const tests = readTests(file);
  passed += tests.passed;
  failed += tests.failed;
  whatFailed.push(...tests.failures);
}
// Named once more, because what each check said stands far above.
if (whatFailed.length > 0) console.log(styleText('red', `\nFailed:\n  ${whatFailed.join('\n  ')}`));
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs a command; what it says comes in one piece, so that those beside it don't mix with it. */
async function check({ name, command }) {
  const startedAt = performance.now();
  const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'], env });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => said.push(piece));
  const status = await new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', resolve);
  });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(styleText('bold', `\n── ${name}, ${seconds} s`));
  console.log(Buffer.concat(said).toString().trimEnd());
  if (status !== 0) console.log(styleText('red', `${name} failed`));
  // A test packs what is built here instead of building it again in the way of the other lane.
  else if (name === 'build') env.TICKET_LIFECYCLE_IS_BUILT = '1';
  return status === 0;
}

function readTests(file) {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
    const failures = testResults
      .filter(({ status }) => status === 'failed')
      .flatMap(({ name, message, assertionResults }) => {
        const where = relative('.', name);
        const tests = assertionResults.filter(({ status }) => status === 'failed');
        // A file that could not be read has no test that failed.
        return tests.length === 0
          ? [`${where}: ${firstLine(message)}`]
          : tests.map(
              (test) => `${where}: ${test.fullName}: ${firstLine(test.failureMessages[0])}`,
            );
      });
    return { passed: Number(numPassedTests), failed: Number(numFailedTests), failures };
  } catch {
    return { passed: 0, failed: 0, failures: [] };
  }
}

function firstLine(text) {
  return String(text ?? '').split('\n', 1)[0];
}
