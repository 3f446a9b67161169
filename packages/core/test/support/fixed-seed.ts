import * as fc from 'fast-check';

// The same random machines in each run: whether a mutant survives must not be a matter of luck.
fc.configureGlobal({ seed: 25 });
