import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import * as logs from '../../scripts/leak-check.mjs';

const folder = process.env.LATCHKEY_TEST_LOGS;
const remembered = new Set<string>();

/** Notes a secret or token, whole: no server may ever log it. Shorter than 8 characters is not a secret. */
export function rememberSecret(value: unknown): void {
  if (!folder || typeof value !== 'string' || value.length < 8 || remembered.has(value)) return;
  remembered.add(value);
  appendFileSync(join(folder, `secrets-${process.pid}.jsonl`), `${JSON.stringify(value)}\n`);
}

const secretMembers = new Set([
  'access_token',
  'refresh_token',
  'client_secret',
  'client_assertion',
  'secret',
]);

/** Remembers every secret member of an answer or request, at any depth. */
export function rememberSecretsIn(body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  for (const [name, value] of Object.entries(body)) {
    if (secretMembers.has(name)) rememberSecret(value);
    rememberSecretsIn(value);
  }
}

/** The log lines of this run, so far, that hold a remembered secret; empty outside `npm test`. */
export function findLeaks(): string[] {
  return logs.findLeaks(folder).leaks;
}
