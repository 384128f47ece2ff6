import { createConnection } from 'mysql2/promise';
import { asSettingError, InvalidSetting } from '../config/invalid-setting.js';
import type { DatabaseSettings, MysqlSettings, MysqlTls } from '../config/settings.js';
import { mysqlOptions } from './mysql/mysql.js';

/** Explains why a database cannot be used: with its place and user, never with a password. */
export async function asDatabaseSettingError(
  setting: string,
  error: unknown,
  database: DatabaseSettings,
  worksOverTls = connectsOverTls,
): Promise<unknown> {
  if (database.engine === 'sqlite') return asSettingError(setting, error, database.file);
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return error;
  if (code === 'ER_ACCESS_DENIED_ERROR' && !database.tls && (await worksOverTls(database))) {
    return new InvalidSetting(setting, `${serverAt(database)} requires TLS: add ?tls=verify (${code})`);
  }
  return new InvalidSetting(setting, `${reasonOf(code, error as Error, database)} (${code || 'no code'})`);
}

function reasonOf(code: string, { message }: Error, settings: MysqlSettings): string {
  const { host, tls } = settings;
  const server = serverAt(settings);
  const user = `the user ${settings.user || '(none)'}`;
  const database = `the database ${settings.database}`;
  if (!tls && /insecure transport/i.test(message)) return `${server} requires TLS: add ?tls=verify`;
  if (tls && isOfCertificate(code, message)) return `${server} ${certificateFault(message)}`;
  switch (code) {
    case 'ER_ACCESS_DENIED_ERROR':
      return `${server} rejects ${user} or its password${orCertificate(tls)}`;
    case 'ER_DBACCESS_DENIED_ERROR':
      return `${server} does not allow ${user} to use ${database}`;
    case 'ER_BAD_DB_ERROR':
      return `${server} does not have ${database}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host ${host} cannot be resolved`;
    case 'ENOENT':
    case 'ECONNREFUSED':
      return `no server listens at ${placeOf(settings)}`;
    case 'ETIMEDOUT':
      return `${server} does not answer`;
    case 'HANDSHAKE_NO_SSL_SUPPORT':
      return `${server} does not offer TLS, which tls=${tls?.verify ? 'verify' : 'require'} requires`;
    default:
      return `${user} cannot use ${database} of ${server}`;
  }
}

/** The database does not say which of the two it rejects. */
function orCertificate(tls: MysqlTls | undefined): string {
  if (!tls) return '';
  return tls.certFile === undefined
    ? ', or asks for a client certificate (tls_cert and tls_key)'
    : ', or its client certificate (tls_cert)';
}

const placeOf = ({ host, port, socket }: MysqlSettings): string =>
  socket ?? `${host.includes(':') ? `[${host}]` : host}:${port}`;

const serverAt = (settings: MysqlSettings): string => `the server at ${placeOf(settings)}`;

/**
 * Over plain text, MariaDB rejects a user that requires TLS as a wrong password; only a connection over TLS shows
 * which it is.
 */
async function connectsOverTls(settings: MysqlSettings): Promise<boolean> {
  try {
    const ssl = { rejectUnauthorized: false };
    const connection = await createConnection({ ...mysqlOptions(settings), ssl });
    connection.destroy();
    return true;
  } catch {
    return false;
  }
}

/** Node's codes for a rejected certificate, and OpenSSL's messages for a failed handshake. */
const isOfCertificate = (code: string, message: string): boolean =>
  /CERT|SELF_SIGNED|^ERR_(TLS|SSL|OSSL)|^HANDSHAKE_SSL_ERROR/.test(code) || /certificate/i.test(message);

/** Recognised by its text: the driver replaces Node's code with its own. */
function certificateFault(message: string): string {
  if (/alert (unknown ca|.*certificate)/i.test(message)) return 'rejects the client certificate (tls_cert)';
  if (/altnames|does not match/i.test(message)) {
    return 'has a certificate for another name (tls_name sets the name)';
  }
  if (/expired/i.test(message)) return 'has a certificate that has expired';
  if (/self.signed|issuer|verify the first|authority/i.test(message)) {
    return 'has a certificate that no trusted authority has signed (tls_ca names one)';
  }
  return 'cannot be reached over TLS';
}
