import fc from 'fast-check';

/** One seed for every run, so that a result never depends on chance; PROPERTY_SEED=$RANDOM explores other values. */
const DEFAULT_SEED = 20_261_130;

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? DEFAULT_SEED) });
