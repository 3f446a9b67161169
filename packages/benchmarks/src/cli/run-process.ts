import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The arguments of a Node.js process. */
export type Program = readonly string[];

/** The built command line. */
export const bin = fileURLToPath(new URL('../../../cli/dist/bin.js', import.meta.url));

/** What a process has taken. */
export interface Taken {
  readonly wallMs: number;
  readonly peakMb: number;
}

// Loaded before the program, in every one alike: the system itself says what the most was.
const tellPeak = `data:text/javascript,${encodeURIComponent(
  `process.on('exit', () => process.stderr.write('peakKb ' + process.resourceUsage().maxRSS));`,
)}`;

/** Runs programs in turns, so that a busy moment meets all alike, and keeps the best of each. */
export async function measure<Name extends string>(
  programs: Readonly<Record<Name, Program>>,
  rounds: number,
  progress: (text: string) => void,
): Promise<Record<Name, Taken>> {
  const names = Object.keys(programs) as Name[];
  const best = new Map<Name, Taken>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const { wallMs } = await runOnce(programs[name]);
      const { peakMb } = await runOnce(['--import', tellPeak, ...programs[name]]);
      // The first round fills the caches of files and of compiled code.
      if (round === 0) continue;
      const known = best.get(name) ?? { wallMs: Infinity, peakMb: 0 };
      best.set(name, {
        wallMs: Math.min(known.wallMs, wallMs),
        peakMb: Math.max(known.peakMb, peakMb),
      });
    }
    if (round > 0) progress(`Round ${round} of ${rounds}`);
  }
  return Object.fromEntries(best) as Record<Name, Taken>;
}

async function runOnce(program: Program): Promise<Taken> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, program, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const wallMs = performance.now() - startedAt;
  if (code !== 0) throw new Error(`${program.join(' ').slice(0, 200)} ended with ${code}: ${said}`);
  return { wallMs, peakMb: Number(/peakKb (\d+)/.exec(said)?.[1] ?? 0) / 1024 };
}
