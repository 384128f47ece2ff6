import { closeSync, openSync, readSync } from 'node:fs';
import { asSettingError, InvalidSetting } from './invalid-setting.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a setting by its name; an empty value counts as not set, except for a secret, which must not be empty. */
export type ReadSetting = (name: string) => string | undefined;

/** Settings that hold a secret: each can also be read from the file named by NAME_FILE. */
export const SECRET_SETTINGS = [
  'DATABASE_URL',
  'LATCHKEY_MASTER_KEY',
  'LATCHKEY_NEW_MASTER_KEY',
  'LATCHKEY_ADMIN_CLIENT_SECRET',
  'LATCHKEY_METRICS_TOKEN',
  'LATCHKEY_WEBHOOK_URL',
  'LATCHKEY_WEBHOOK_SECRET',
];

const MAX_FILE_BYTES = 64 * 1024;
const CONTROL = /[\p{Cc}\u2028\u2029\uFEFF]/u;

/**
 * One rule for all settings: trailing control characters are trimmed, others are rejected with the setting's name.
 */
export function settingReader(env: Environment = process.env): ReadSetting {
  return (name) => {
    if (!SECRET_SETTINGS.includes(name)) return trimmed(name, env[name]);
    const file = readNonEmpty(`${name}_FILE`, env);
    const value = readNonEmpty(name, env);
    if (file === undefined) return value;
    if (value !== undefined) throw new InvalidSetting(`${name}_FILE`, `cannot be combined with ${name}`);
    return trimmedFile(`${name}_FILE`, file);
  };
}

/** An empty secret is usually a variable that was not filled in; the default would be another database or key. */
function readNonEmpty(name: string, env: Environment): string | undefined {
  const value = trimmed(name, env[name]);
  if (value === undefined && env[name] !== undefined) {
    throw new InvalidSetting(name, 'is empty: give it a value or unset it');
  }
  return value;
}

function trimmed(name: string, value = ''): string | undefined {
  let end = value.length;
  while (end > 0 && CONTROL.test(value.charAt(end - 1))) end--;
  const text = value.slice(0, end);
  if (CONTROL.test(text)) {
    throw new InvalidSetting(name, 'contains a control character, such as a line break; remove it');
  }
  return text || undefined;
}

function trimmedFile(name: string, file: string): string {
  const text = trimmed(name, decoded(name, bytesOf(name, file)));
  if (text === undefined) throw new InvalidSetting(name, `${file} is empty`);
  return text;
}

/** Stops reading at a limit, so that a large file or an endless device is not read whole. */
function bytesOf(name: string, file: string): Buffer {
  const bytes = Buffer.alloc(MAX_FILE_BYTES + 1);
  let length = 0;
  try {
    const descriptor = openSync(file, 'r');
    try {
      for (let read = -1; read !== 0 && length < bytes.length; length += read) {
        read = readSync(descriptor, bytes, length, bytes.length - length, null);
      }
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw asSettingError(name, error, file);
  }
  if (length > MAX_FILE_BYTES)
    throw new InvalidSetting(name, `${file} is larger than ${MAX_FILE_BYTES} bytes`);
  return bytes.subarray(0, length);
}

/** Drops a leading byte order mark, which some editors add. */
function decoded(name: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidSetting(name, 'must name a UTF-8 text file');
  }
}

export function readPort(name: string, value: string): number {
  const port = Number(value);
  if (!/^\d{1,5}$/.test(value) || port < 1 || port > 65535) {
    throw new InvalidSetting(name, 'must be a whole number from 1 to 65535');
  }
  return port;
}
