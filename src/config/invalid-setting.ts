/** An invalid setting: its name and the reason, on one line that contains no secret. */
export class InvalidSetting extends Error {
  constructor(name: string, message: string) {
    super(`${name}: ${message}`);
  }
}

const MESSAGES_BY_CODE: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
  ENOSPC: 'no space left',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'a part of this path is not a directory',
  EISDIR: 'is a directory',
  EADDRNOTAVAIL: 'not an address of this machine',
  ENOTFOUND: 'the host name cannot be resolved',
  SQLITE_NOTADB: 'not an SQLite database',
};

/**
 * Turns an error of the system or a driver into one that names the setting to check, and the place if the system's
 * error names none; returns every other error unchanged.
 */
export function asSettingError(setting: string, error: unknown, place?: string): unknown {
  const { code, path = place } = error as { code?: unknown; path?: string };
  if (typeof code !== 'string') return error;
  const why = `${MESSAGES_BY_CODE[code] ?? 'cannot be used'} (${code || 'no error code'})`;
  return new InvalidSetting(setting, path === undefined ? why : `${path}: ${why}`);
}
