import { InvalidSetting } from './invalid-setting.js';
import { type Environment, settingReader } from './setting-reader.js';
import { weaknessOfKey } from './weak-key.js';

/** The new master key of a rotation, if it comes from a setting. */
export function readNewMasterKey(env: Environment = process.env): Buffer | undefined {
  const value = settingReader(env)('LATCHKEY_NEW_MASTER_KEY');
  return value === undefined
    ? undefined
    : requireStrong('LATCHKEY_NEW_MASTER_KEY', readKey('LATCHKEY_NEW_MASTER_KEY', value));
}

/**
 * Several keys, separated by commas, during a rotation. The first one seals, or soon will, and must be random; a weak
 * key after it is accepted because the rotation replaces it.
 */
export function readMasterKeys(value: string | undefined): Buffer[] {
  const keys =
    value === undefined ? [] : value.split(',').map((key) => readKey('LATCHKEY_MASTER_KEY', key.trim()));
  if (keys[0]) requireStrong('LATCHKEY_MASTER_KEY', keys[0]);
  return keys;
}

function requireStrong(name: string, key: Buffer): Buffer {
  const weakness = weaknessOfKey(key);
  if (weakness) throw new InvalidSetting(name, `${weakness}; create one with openssl rand -base64 32`);
  return key;
}

function readKey(name: string, value: string): Buffer {
  const key = Buffer.from(value, 'base64');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(value) || key.length !== 32) {
    throw new InvalidSetting(name, 'must be 32 bytes in Base64 (openssl rand -base64 32)');
  }
  return key;
}
