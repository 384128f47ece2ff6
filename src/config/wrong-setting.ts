/** A wrong setting: its name and what is wrong, in one line; the value is never repeated. */
export class WrongSetting extends Error {
  constructor(name: string, message: string) {
    super(`${name}: ${message}`);
  }
}

/** Makes of an error of the system or a driver one that names the setting to look at; hands on every other error. */
export function blame(setting: string, error: unknown): unknown {
  const { code } = error as { code?: unknown };
  return typeof code === 'string'
    ? new WrongSetting(setting, `cannot be used (${code || 'no reason is told'})`)
    : error;
}
