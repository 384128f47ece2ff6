import { createConnection } from 'mysql2/promise';
import type { ServerSettings } from '../../config/settings.js';
import { type Rejection, serverSettingError } from '../server/setting-error.js';
import { mysqlOptions } from './mysql.js';

const REJECTIONS: Readonly<Record<string, Rejection>> = {
  ER_ACCESS_DENIED_ERROR: 'wrong-credentials',
  ER_DBACCESS_DENIED_ERROR: 'forbidden-database',
  ER_BAD_DB_ERROR: 'unknown-database',
  HANDSHAKE_NO_SSL_SUPPORT: 'without-tls',
};

export async function mysqlSettingError(
  setting: string,
  error: unknown,
  settings: ServerSettings,
  worksOverTls = connectsOverTls,
): Promise<unknown> {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const isInsecure = !settings.tls && /insecure transport/i.test(message);
  const requiresTls =
    isInsecure || (code === 'ER_ACCESS_DENIED_ERROR' && !settings.tls && (await worksOverTls(settings)));
  return serverSettingError(setting, error, settings, requiresTls ? 'requires-tls' : REJECTIONS[code]);
}

/**
 * Over plain text, MariaDB rejects a user that requires TLS as a wrong password; only a connection over TLS shows
 * which it is.
 */
async function connectsOverTls(settings: ServerSettings): Promise<boolean> {
  try {
    const ssl = { rejectUnauthorized: false };
    const connection = await createConnection({ ...mysqlOptions(settings), ssl });
    connection.destroy();
    return true;
  } catch {
    return false;
  }
}
