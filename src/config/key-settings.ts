import { WrongSetting } from './wrong-setting.js';

/** The new master key of a rotation, where it is a setting. */
export function readNewMasterKey(value = process.env.LATCHKEY_NEW_MASTER_KEY): Buffer | undefined {
  return value ? readKey('LATCHKEY_NEW_MASTER_KEY', value) : undefined;
}

/** Several, with commas between them, while one takes the place of another. */
export function readMasterKeys(value: string | undefined): Buffer[] {
  return value === undefined ? [] : value.split(',').map((key) => readKey('LATCHKEY_MASTER_KEY', key.trim()));
}

function readKey(name: string, value: string): Buffer {
  const key = Buffer.from(value, 'base64');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(value) || key.length !== 32) {
    throw new WrongSetting(name, 'must be 32 bytes in Base64 (openssl rand -base64 32)');
  }
  return key;
}
