import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Commands run from dist/server. */
const manifest = join(import.meta.dirname, '..', '..', 'package.json');

/** The version of Latchkey. */
export const latchkeyVersion = (): string =>
  String((JSON.parse(readFileSync(manifest, 'utf8')) as { version: unknown }).version);
