import { InvalidSetting } from '../../config/invalid-setting.js';
import type { DatabaseTls, ServerSettings } from '../../config/settings.js';

/** Why a server rejects a connection, as far as an engine can tell from its error. */
export type Rejection =
  | 'requires-tls'
  | 'without-tls'
  | 'wrong-credentials'
  | 'forbidden-database'
  | 'unknown-database';

/** Explains why a server cannot be used: with its place and user, never with a password. */
export function serverSettingError(
  setting: string,
  error: unknown,
  settings: ServerSettings,
  rejection: Rejection | undefined,
): unknown {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return error;
  const reason = reasonOf(code, error as Error, settings, rejection);
  return new InvalidSetting(setting, `${reason} (${code || 'no code'})`);
}

function reasonOf(
  code: string,
  { message }: Error,
  settings: ServerSettings,
  rejection: Rejection | undefined,
): string {
  const { host, tls } = settings;
  const server = serverAt(settings);
  const user = `the user ${settings.user || '(none)'}`;
  const database = `the database ${settings.database}`;
  if (rejection === 'requires-tls') return `${server} requires TLS: add ?tls=verify`;
  if (rejection === 'without-tls')
    return `${server} does not offer TLS, which tls=${tls?.verify ? 'verify' : 'require'} requires`;
  if (rejection === 'wrong-credentials')
    return `${server} rejects ${user} or its password${orCertificate(tls)}`;
  if (rejection === 'forbidden-database') return `${server} does not allow ${user} to use ${database}`;
  if (rejection === 'unknown-database') return `${server} does not have ${database}`;
  if (tls && isOfCertificate(code, message)) return `${server} ${certificateFault(message)}`;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host ${host} cannot be resolved`;
    case 'ENOENT':
    case 'ECONNREFUSED':
      return `no server listens at ${placeOf(settings)}`;
    case 'ETIMEDOUT':
      return `${server} does not answer`;
    default:
      return `${user} cannot use ${database} of ${server}`;
  }
}

/** The database does not say which of the two it rejects. */
function orCertificate(tls: DatabaseTls | undefined): string {
  if (!tls) return '';
  return tls.certFile === undefined
    ? ', or asks for a client certificate (tls_cert and tls_key)'
    : ', or its client certificate (tls_cert)';
}

export const placeOf = ({ host, port, socket }: ServerSettings): string =>
  socket ?? `${host.includes(':') ? `[${host}]` : host}:${port}`;

export const serverAt = (settings: ServerSettings): string => `the server at ${placeOf(settings)}`;

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
