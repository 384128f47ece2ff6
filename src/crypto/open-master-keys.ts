import { InvalidSetting } from '../config/invalid-setting.js';
import type { Settings } from '../config/settings.js';
import { weaknessOfKey } from '../config/weak-key.js';
import { MasterKeyFile } from './master-key-file.js';
import { MasterKeys } from './master-keys.js';
import type { PeppersRepository } from './peppers.repository.js';

/** The master keys from the settings, or else from the data directory, where the first start creates one. */
export async function openMasterKeys(settings: Settings, peppers: PeppersRepository): Promise<MasterKeys> {
  if (settings.masterKeys.length > 0) return new MasterKeys(settings.masterKeys);
  const file = new MasterKeyFile(settings.dataDir);
  // Another process may have created the file and sealed with it since the first check.
  if (!file.exists() && (await peppers.sealedRows()).length > 0 && !file.exists()) throw missing(file);
  if (!file.exists()) file.make();
  const keys = file.read();
  const weakness = keys[0] && weaknessOfKey(keys[0]);
  if (weakness) {
    throw new InvalidSetting('LATCHKEY_DATA_DIR', `${file.name} ${weakness}; run npm run master-key:rotate`);
  }
  return new MasterKeys(keys, () => (file.exists() ? file.read() : []), file.name);
}

/** A new key could not unseal what the lost one has sealed. */
const missing = ({ name }: MasterKeyFile) =>
  new InvalidSetting(
    'LATCHKEY_MASTER_KEY',
    `is not set and ${name} is missing, but the database contains sealed keys; restore the file`,
  );
