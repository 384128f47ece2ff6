/** An invalid setting: its name and the reason, on one line that contains no secret. */
export class InvalidSetting extends Error {
  constructor(name: string, message: string) {
    super(`${name}: ${message}`);
  }
}

const IN_WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'it is not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of this path is no folder',
  EISDIR: 'it is a folder',
  EADDRNOTAVAIL: 'it is no address of this machine',
  ENOTFOUND: 'nobody knows this name',
  SQLITE_NOTADB: 'it is no SQLite database',
};

/**
 * Turns an error of the system or a driver into one that names the setting to check, and the place if the system's
 * error names none; returns every other error unchanged.
 */
export function blame(setting: string, error: unknown, place?: string): unknown {
  const { code, path = place } = error as { code?: unknown; path?: string };
  if (typeof code !== 'string') return error;
  const why = `${IN_WORDS[code] ?? 'it cannot be used'} (${code || 'no reason is told'})`;
  return new InvalidSetting(setting, path === undefined ? why : `${path}: ${why}`);
}
