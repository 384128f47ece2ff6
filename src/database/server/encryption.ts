import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { asSettingError, InvalidSetting } from '../../config/invalid-setting.js';
import type { DatabaseTls } from '../../config/settings.js';

/** TLS options as Node has them. */
export interface Encryption {
  ca?: string;
  cert?: string;
  key?: string;
  minVersion: 'TLSv1.2';
  rejectUnauthorized: boolean;
}

/** Reads the PEM files at once. */
export function encryption({ verify, caFile, certFile, keyFile }: DatabaseTls): Encryption {
  const ssl: Encryption = {
    ...pem('ca', 'tls_ca', caFile),
    ...pem('cert', 'tls_cert', certFile),
    ...pem('key', 'tls_key', keyFile),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: verify,
  };
  try {
    createSecureContext(ssl);
  } catch {
    throw new InvalidSetting('DATABASE_URL', 'tls_cert and tls_key are not a PEM certificate and its key');
  }
  return ssl;
}

function pem(option: string, parameter: string, file: string | undefined): Record<string, string> {
  if (file === undefined) return {};
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw asSettingError(`DATABASE_URL: ${parameter}`, error, file);
  }
  if (!text.includes('-----BEGIN '))
    throw new InvalidSetting('DATABASE_URL', `${parameter}: ${file} is not PEM`);
  return { [option]: text };
}
