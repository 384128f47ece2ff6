import { randomBytes } from 'node:crypto';
import { type Exit, type Launched, launch } from './launch.js';
import { rememberSecret } from './leaks.js';
import { dump } from './rows.js';
import type { TestServer } from './server.js';

type Environment = Record<string, string | undefined>;

/** A master key as a setting; no log may contain it. */
export function newMasterKey(): string {
  const key = randomBytes(32).toString('base64');
  rememberSecret(key);
  return key;
}

/** The command with a server's settings and these changes; the server may be running or stopped. */
export function startRotation(server: TestServer, changes: Environment = {}): Launched {
  const env = Object.entries({ ...server.env, ...changes }).filter(([, value]) => value !== undefined);
  return launch(Object.fromEntries(env) as Record<string, string>, 'rotate-master-key.js');
}

/** Runs the command to its end. */
export async function rotateMasterKey(
  server: TestServer,
  changes: Environment = {},
): Promise<{ exit: Exit; stdout: string; stderr: string }> {
  const { exited, stdout, stderr } = startRotation(server, changes);
  return { exit: await exited, stdout: stdout(), stderr: stderr() };
}

/** The ids of the master keys that seal rows of the database. */
export async function sealingKeys(server: TestServer): Promise<string[]> {
  const all = [...(await dump(server)).values()].join('\n');
  return [
    ...new Set(
      [...all.matchAll(/"v1\.([A-Za-z0-9_-]{8})\.[A-Za-z0-9_-]{40,}"/g)].map(([, id]) => id as string),
    ),
  ];
}
