import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import * as logs from '../../scripts/leak-check.mjs';

const folder = process.env.LATCHKEY_TEST_LOGS;
const remembered = new Set<string>();

/** Notes a whole secret or token, which no server may log. Texts shorter than 8 characters, and blank ones, are ignored. */
export function rememberSecret(value: unknown): void {
  if (!folder || typeof value !== 'string' || value.trim().length < 8 || remembered.has(value)) return;
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

/** Notes every secret member of a response or request, at any depth. */
export function rememberSecretsIn(body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  for (const [name, value] of Object.entries(body)) {
    if (secretMembers.has(name)) rememberSecret(value);
    rememberSecretsIn(value);
  }
}

/** The log lines of this run so far that contain a noted secret; empty outside `npm test`. */
export function findLeaks(): string[] {
  return logs.findLeaks(folder).leaks;
}
