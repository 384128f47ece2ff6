import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { loadAll } from 'js-yaml';
import { Failure } from '../failure.js';

/** A document in a file of the source. */
export interface SourceDocument {
  /** From the folder that was named, or the file's own name. */
  path: string;
  value: unknown;
}

/** Parses a file that is JSON, one JSON document a line, or YAML. */
export function documentsOf(file: string): unknown[] {
  const text = readText(file);
  try {
    return [JSON.parse(text)];
  } catch {
    return linesOf(text) ?? yamlOf(text, file);
  }
}

/** Every file of a folder that is data, and the names of the others; a file alone is a folder of one. */
export function sourceFiles(path: string): { documents: SourceDocument[]; others: string[] } {
  const documents: SourceDocument[] = [];
  const others: string[] = [];
  for (const file of filesOf(path)) {
    const name = file === path ? file : relative(path, file);
    if (!/\.(json|ndjson|jsonl|ya?ml)$/.test(file) && file !== path) others.push(name);
    else documents.push(...documentsOf(file).map((value) => ({ path: name, value })));
  }
  return { documents, others };
}

function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
    return names.map((name) => join(path, name)).filter((file) => statSync(file).isFile());
  } catch {
    throw new Failure(`${path} cannot be read`);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    throw new Failure(`${file} cannot be read`);
  }
}

/** The documents of a file with one in each line, as database clients and bulk exports write them. */
function linesOf(text: string): unknown[] | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0 || !lines.every((line) => /^\s*\{/.test(line))) return undefined;
  try {
    return lines.map((line) => JSON.parse(line) as unknown);
  } catch {
    return undefined;
  }
}

function yamlOf(text: string, file: string): unknown[] {
  try {
    return loadAll(text).filter((value) => value !== null && value !== undefined);
  } catch (error) {
    throw new Failure(`${file} is neither JSON nor YAML: ${(error as Error).message.split('\n')[0]}`);
  }
}
