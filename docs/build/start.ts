// Builds the site, serves it to this machine, and says where.
import { parseArgs } from 'node:util';
import { serveSite } from './serve.ts';
import { writeSite } from './write-site.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '4173' } } });

await writeSite();
const { url } = await serveSite(Number(values.port));
process.stdout.write(`\nThe site is at ${url} (Ctrl-C ends it)\n`);
