import { availableParallelism } from 'node:os';
import { InvalidSetting } from './invalid-setting.js';
import { readWholeNumber } from './setting-kinds.js';
import type { ReadSetting } from './setting-reader.js';

const MAX_SECONDS = 86_400;

/** The number of processes, the limits of their connections, and the delay of shutdown. */
export function readConnectionSettings(read: ReadSetting) {
  const seconds = { max: MAX_SECONDS, unit: 'seconds' };
  return {
    keepAliveSeconds: readWholeNumber(read, 'LATCHKEY_KEEP_ALIVE_SECONDS', { min: 1, ...seconds }, '620'),
    maxConnections: readWholeNumber(read, 'LATCHKEY_MAX_CONNECTIONS', { min: 1, max: 9_999_999 }, '20000'),
    shutdownDelaySeconds: readWholeNumber(
      read,
      'LATCHKEY_SHUTDOWN_DELAY_SECONDS',
      { min: 0, ...seconds },
      '0',
    ),
    workers: readWorkers(read('LATCHKEY_WORKERS')),
  };
}

function readWorkers(value = '1'): number {
  if (value === 'auto') return availableParallelism();
  if (!/^[1-9]\d{0,2}$/.test(value)) {
    throw new InvalidSetting('LATCHKEY_WORKERS', 'must be auto or a whole number from 1 to 999');
  }
  return Number(value);
}
