import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asYaml, canonical } from '../documents.js';
import { Failure } from '../failure.js';
import type { Imported } from './imported.js';

const SECRETS = 'secrets';

/**
 * Writes one file for each document, and one for each secret, which the document refers to: those are readable by the
 * user only, and Git ignores them.
 */
export function writeFolder(folder: string, documents: readonly Imported[]): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new Failure(`${folder} is not empty`);
  const secrets = join(folder, SECRETS);
  if (documents.some(({ secret, secretHash }) => (secret ?? secretHash) !== undefined)) {
    mkdirSync(secrets, { recursive: true, mode: 0o700 });
    writeFileSync(join(secrets, '.gitignore'), '*\n');
  }
  for (const { type, id, body, secret, secretHash } of documents) {
    const value = secret ?? secretHash;
    const file = join(secrets, id);
    if (value !== undefined) writeFileSync(file, `${value}\n`, { mode: 0o600 });
    const reference = {
      ...(secret === undefined ? {} : { secretRef: `file:${file}` }),
      ...(secretHash === undefined ? {} : { secretHashRef: `file:${file}` }),
    };
    mkdirSync(join(folder, type), { recursive: true });
    const document = canonical({ resourceType: type, id, ...body, ...reference });
    writeFileSync(join(folder, type, `${id}.yaml`), asYaml(document));
  }
}
