import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type Server } from 'node:tls';
import { asSettingError, InvalidSetting } from '../config/invalid-setting.js';
import type { Log } from '../config/log.js';
import type { Settings } from '../config/settings.js';
import { nowMilliseconds } from '../runtime/clock.js';

type TlsFiles = NonNullable<Settings['tls']>;
type TlsContext = SecureContextOptions & { cert: Buffer };

const POLL_INTERVAL_MS = 5000;

/** The certificate and key as they are on disk now, for TLS 1.2 and later; throws InvalidSetting. */
export function readTls({ certFile, keyFile }: TlsFiles): TlsContext {
  const cert = from('LATCHKEY_TLS_CERT', () => readFileSync(certFile));
  const key = from('LATCHKEY_TLS_KEY', () => readFileSync(keyFile));
  from('LATCHKEY_TLS_CERT', () => createSecureContext({ cert }));
  const privateKey = from('LATCHKEY_TLS_KEY', () => createPrivateKey(key));
  if (!from('LATCHKEY_TLS_CERT', () => new X509Certificate(cert)).checkPrivateKey(privateKey)) {
    throw new InvalidSetting('LATCHKEY_TLS_KEY', 'is not the key of the certificate in LATCHKEY_TLS_CERT');
  }
  return { cert, key, minVersion: 'TLSv1.2' };
}

function from<T>(setting: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asSettingError(setting, error);
  }
}

/** Loads a renewed certificate without a restart; if it cannot be read, the old one stays in use. */
export function reloadTls(
  server: Pick<Server, 'setSecureContext'>,
  files: TlsFiles,
  log: Log,
  used: (certificate: X509Certificate) => void = () => undefined,
): () => void {
  const use = ({ cert }: TlsContext) => {
    const certificate = new X509Certificate(cert);
    used(certificate);
    warnOfCertificate(certificate, log);
  };
  const reload = () => {
    try {
      const context = readTls(files);
      server.setSecureContext(context);
      log.info({}, 'TLS certificate reloaded');
      use(context);
    } catch (error) {
      log.error(
        { reason: error instanceof InvalidSetting ? error.message : (error as Error).name },
        'TLS certificate reload failed; the previous certificate stays in use',
      );
    }
  };
  use(readTls(files));
  const names = [files.certFile, files.keyFile];
  for (const name of names) watchFile(name, { interval: POLL_INTERVAL_MS, persistent: false }, reload);
  return () => {
    for (const name of names) unwatchFile(name, reload);
  };
}

const MIN_RSA_BITS = 2048;

/** A certificate that clients would reject is still served: the local clock may be wrong instead. */
function warnOfCertificate({ validFrom, validTo, publicKey }: X509Certificate, log: Log): void {
  const setting = 'LATCHKEY_TLS_CERT';
  const now = nowMilliseconds();
  if (Date.parse(validTo) < now) log.warn({ setting, validTo }, 'TLS certificate has expired');
  if (Date.parse(validFrom) > now) log.warn({ setting, validFrom }, 'TLS certificate is not valid yet');
  const { modulusLength: bits = MIN_RSA_BITS } = publicKey.asymmetricKeyDetails ?? {};
  if (bits < MIN_RSA_BITS)
    log.warn({ setting, bits }, `TLS certificate has an RSA key of fewer than ${MIN_RSA_BITS} bits`);
}
