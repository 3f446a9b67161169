// Builds the site; anything that is wrong with a page fails it.
import { writeSite } from './write-site.ts';

await writeSite();
