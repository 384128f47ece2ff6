import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Injectable } from '@nestjs/common';

const FOLDER = 'console';
const PAGE = 'index.html';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Content codings by preference, and how the build names a file in them. */
const CODINGS: Readonly<Record<string, string>> = { br: '.br', gzip: '.gz' };

export const CODING_NAMES: readonly string[] = Object.keys(CODINGS);

export interface ConsoleFile {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  /** By content coding, as the build has compressed it. */
  readonly coded: ReadonlyMap<string, Buffer>;
}

/**
 * What the build has made of console/, read at the first request and kept. A request only selects from these names: it
 * never becomes a path of the file system.
 */
@Injectable()
export class ConsoleFiles {
  private loaded: Promise<ReadonlyMap<string, ConsoleFile>> | undefined;

  async page(): Promise<ConsoleFile | undefined> {
    return (await this.files()).get(PAGE);
  }

  /** By its name below the console, such as `assets/main-B1x2.js`. */
  async named(name: string): Promise<ConsoleFile | undefined> {
    return (await this.files()).get(name);
  }

  private files(): Promise<ReadonlyMap<string, ConsoleFile>> {
    this.loaded ??= load(folderAbove(import.meta.dirname));
    return this.loaded;
  }
}

async function load(folder: string): Promise<Map<string, ConsoleFile>> {
  const names = await readdir(folder, { recursive: true });
  const files = new Map<string, ConsoleFile>();
  for (const name of names) {
    const type = TYPES[path.extname(name)];
    if (type !== undefined) files.set(name.replaceAll('\\', '/'), await read(path.join(folder, name), type));
  }
  return files;
}

async function read(file: string, type: string): Promise<ConsoleFile> {
  const plain = await readFile(file);
  const coded = new Map<string, Buffer>();
  for (const [coding, suffix] of Object.entries(CODINGS)) {
    if (existsSync(file + suffix)) coded.set(coding, await readFile(file + suffix));
  }
  return { type, plain, coded, etag: `"${createHash('sha256').update(plain).digest('base64url')}"` };
}

/** The build writes it into a folder above the compiled modules, bundled or not. */
function folderAbove(folder: string): string {
  const found = path.join(folder, FOLDER);
  const above = path.dirname(folder);
  return existsSync(path.join(found, PAGE)) || above === folder ? found : folderAbove(above);
}
