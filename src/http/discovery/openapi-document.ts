import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Injectable } from '@nestjs/common';

const NAME = 'openapi.json';

interface Representation {
  text: string;
  etag: string;
}

/** docs/openapi.yaml, which the build has written as JSON; read at the first request and kept. */
@Injectable()
export class OpenApiDocument {
  private loaded: Promise<Representation> | undefined;

  read(): Promise<Representation> {
    this.loaded ??= load();
    return this.loaded;
  }
}

async function load(): Promise<Representation> {
  const text = await readFile(fileAbove(import.meta.dirname), 'utf8');
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
}

/** The build writes it into a folder above the compiled modules, bundled or not. */
function fileAbove(folder: string): string {
  const file = path.join(folder, NAME);
  const above = path.dirname(folder);
  return existsSync(file) || above === folder ? file : fileAbove(above);
}
