import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from './connection.js';
import { asYaml } from './documents.js';
import { storedOn } from './plan.js';

/** Writes one file for each document, `Client/api-client.yaml`. Resolves to how many there are. */
export async function exportTo(server: Connection, folder: string): Promise<number> {
  const stored = await storedOn(server);
  for (const { document } of stored.values()) {
    const type = String(document.resourceType);
    mkdirSync(join(folder, type), { recursive: true });
    writeFileSync(join(folder, type, `${document.id}.yaml`), asYaml(document));
  }
  return stored.size;
}
