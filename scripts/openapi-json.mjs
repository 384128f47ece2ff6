import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';

const source = fileURLToPath(new URL('../docs/openapi.yaml', import.meta.url));

/** Writes docs/openapi.yaml as JSON: parsing it takes longer than a request may take. */
export function writeOpenApi(folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(load(readFileSync(source, 'utf8'))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeOpenApi(process.argv[2]);
