import type { DatabaseSettings } from '../config/settings.js';
import { blame, WrongSetting } from '../config/wrong-setting.js';

/** Says in words why a database cannot be used: with its place and user, never with a password. */
export function blameDatabase(setting: string, error: unknown, database: DatabaseSettings): unknown {
  if (database.engine === 'sqlite') return blame(setting, error, database.file);
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return error;
  return new WrongSetting(setting, `${reasonOf(code, database.url)} (${code || 'no reason is told'})`);
}

function reasonOf(code: string, url: string): string {
  const { hostname, port, username, pathname } = new URL(url);
  const server = `the server at ${hostname}:${port || 3306}`;
  const user = `the user ${decodeURIComponent(username) || '(none)'}`;
  const database = `the database ${pathname.slice(1)}`;
  switch (code) {
    case 'ER_ACCESS_DENIED_ERROR':
      return `${server} refuses ${user} or its password`;
    case 'ER_DBACCESS_DENIED_ERROR':
      return `${server} does not let ${user} use ${database}`;
    case 'ER_BAD_DB_ERROR':
      return `${server} does not have ${database}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `nobody knows the host ${hostname}`;
    case 'ECONNREFUSED':
      return `nothing listens at ${hostname}:${port || 3306}`;
    case 'ETIMEDOUT':
      return `${server} does not answer`;
    default:
      return `${user} cannot use ${database} of ${server}`;
  }
}
