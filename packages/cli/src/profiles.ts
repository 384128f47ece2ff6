import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure } from './failure.js';

/** How a command reaches a server: a client's id and secret (Basic), or an access token. */
export interface Credentials {
  url: string;
  clientId?: string;
  clientSecret?: string;
  token?: string;
}

const DEFAULT_URL = 'http://localhost:8080';

const fileOf = (profile: string): string => {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(profile)) {
    throw new Failure('the name of a profile must be 1 to 64 characters of A-Z a-z 0-9 . _ -');
  }
  const base = process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config');
  return join(base, 'latchkey', `${profile}.json`);
};

/** Readable by the user only, because it contains the secret. */
export function saveProfile(profile: string, credentials: Credentials): string {
  const file = fileOf(profile);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return file;
}

export const removeProfile = (profile: string): void => rmSync(fileOf(profile), { force: true });

/** From the environment if it names credentials, otherwise from the profile. Never from arguments: others can read those. */
export function credentialsOf(profile: string): Credentials {
  const { LATCHKEY_URL: url, LATCHKEY_TOKEN: token, LATCHKEY_CLIENT_ID: clientId } = process.env;
  const clientSecret = secretOfEnvironment();
  if (token) return { url: url ?? DEFAULT_URL, token };
  if (clientId && clientSecret) return { url: url ?? DEFAULT_URL, clientId, clientSecret };
  if (clientId || clientSecret) {
    throw new Failure(
      'set both LATCHKEY_CLIENT_ID and LATCHKEY_CLIENT_SECRET (or LATCHKEY_CLIENT_SECRET_FILE)',
    );
  }
  const stored = readProfile(profile);
  if (!stored) {
    throw new Failure(
      'there are no credentials: run `latchkey login`, or set LATCHKEY_URL, LATCHKEY_CLIENT_ID and LATCHKEY_CLIENT_SECRET',
    );
  }
  return url === undefined ? stored : { ...stored, url };
}

function secretOfEnvironment(): string | undefined {
  const { LATCHKEY_CLIENT_SECRET: secret, LATCHKEY_CLIENT_SECRET_FILE: file } = process.env;
  if (secret !== undefined || file === undefined) return secret;
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch {
    throw new Failure(`LATCHKEY_CLIENT_SECRET_FILE: ${file} cannot be read`);
  }
}

function readProfile(profile: string): Credentials | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(profile), 'utf8')) as Credentials;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Failure(`the profile ${profile} cannot be read: run \`latchkey login\` again`);
  }
}
