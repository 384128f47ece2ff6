import { describe } from 'vitest';
import { engine, onServer } from '../support/database.js';
import { hasPgbouncer } from '../support/pgbouncer.js';
import { hasScratchServer } from '../support/scratch-database.js';
import { hasDisks } from '../support/small-disk.js';
import { DISK_FAULTS, RESTORE } from './disk-faults.js';
import { type Fault, POOLED_FAULTS, PROCESS_FAULTS } from './faults.js';
import { NETWORK_FAULTS } from './network-faults.js';
import { isChosen, isFull } from './report.js';
import { survives } from './strikes.js';
import { World } from './world.js';

const isPossible = ({ name, engines, needsDisk, short }: Fault) =>
  isChosen(name) && engines.includes(engine) && (!needsDisk || hasDisks) && (isFull || short === true);

const direct = [...PROCESS_FAULTS, ...NETWORK_FAULTS, ...DISK_FAULTS, RESTORE].filter(isPossible);
const pooled = POOLED_FAULTS.filter(isPossible);
const timeout = isFull ? 3_600_000 : 120_000;
const isMissing = onServer && !hasScratchServer;

describe('A confirmed result', { timeout, skip: isMissing || direct.length === 0 }, () => {
  survives(direct, () => World.open());
});

describe('A confirmed result through PgBouncer', {
  timeout,
  skip: isMissing || !isFull || engine !== 'postgres' || !hasPgbouncer || pooled.length === 0,
}, () => {
  survives(pooled, () => World.open(true), 'through PgBouncer');
});
