import type { Benchmark } from '../benchmark.ts';
import { measureChaos } from './chaos.ts';
import { openGround } from './ground.ts';
import { measureGrowth } from './growth.ts';
import { measureIdle } from './idle.ts';
import { defaultOpenSeconds, measureOpenTransaction } from './open-transaction.ts';
import { report } from './report.ts';
import { measureStrain } from './strain.ts';

export const run: Benchmark = async ({ progress, seconds = defaultOpenSeconds }) => {
  const ground = await openGround();
  try {
    const chaos = await measureChaos(ground, progress);
    const strain = await measureStrain(ground, progress);
    const idle = await measureIdle(ground, progress);
    const growth = await measureGrowth(ground, progress);
    const open = await measureOpenTransaction(ground, seconds, progress);
    return report({ chaos, strain, open, growth, idle, seconds });
  } finally {
    await ground.stop();
  }
};
