import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type Server } from 'node:tls';
import { blame, WrongSetting } from './config/environment.js';
import type { Log } from './config/log.js';
import type { Settings } from './config/settings.js';

type TlsFiles = NonNullable<Settings['tls']>;

const BETWEEN_LOOKS_MILLISECONDS = 5000;

/** The certificate and key as they are on disk now, for TLS 1.2 and newer; throws WrongSetting. */
export function readTls({ certFile, keyFile }: TlsFiles): SecureContextOptions {
  const cert = from('LATCHKEY_TLS_CERT', () => readFileSync(certFile));
  const key = from('LATCHKEY_TLS_KEY', () => readFileSync(keyFile));
  from('LATCHKEY_TLS_CERT', () => createSecureContext({ cert }));
  const privateKey = from('LATCHKEY_TLS_KEY', () => createPrivateKey(key));
  if (!from('LATCHKEY_TLS_CERT', () => new X509Certificate(cert)).checkPrivateKey(privateKey)) {
    throw new WrongSetting('LATCHKEY_TLS_KEY', 'is not the key of the certificate in LATCHKEY_TLS_CERT');
  }
  return { cert, key, minVersion: 'TLSv1.2' };
}

function from<T>(setting: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw blame(setting, error);
  }
}

/** Takes up a renewed certificate without a restart; one that cannot be read leaves the old one in place. */
export function reloadTls(server: Pick<Server, 'setSecureContext'>, files: TlsFiles, log: Log): () => void {
  const reload = () => {
    try {
      server.setSecureContext(readTls(files));
      log.info({}, 'the TLS certificate was reloaded');
    } catch (error) {
      log.error(
        { reason: error instanceof WrongSetting ? error.message : (error as Error).name },
        'the new TLS certificate cannot be used; the old one stays',
      );
    }
  };
  const names = [files.certFile, files.keyFile];
  for (const name of names)
    watchFile(name, { interval: BETWEEN_LOOKS_MILLISECONDS, persistent: false }, reload);
  return () => {
    for (const name of names) unwatchFile(name, reload);
  };
}
