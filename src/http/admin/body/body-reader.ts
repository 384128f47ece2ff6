import { isUtf8 } from 'node:buffer';
import { Problem, unreadable } from '../../../protocol/problem.js';
import { isUtf8Charset, readMediaType } from '../../oauth/media-type.js';
import { readJson } from './json-body.js';
import { isObject, type JsonObject } from './merge-patch.js';
import { readYaml } from './yaml-body.js';

/** The part of a request that a body is read from. */
export interface BodyRequest {
  method: string;
  headers: { 'content-type'?: string | undefined; 'content-encoding'?: string | undefined };
  body?: unknown;
}

const TYPES = 'application/json, text/yaml or application/yaml';
const MERGE_PATCH_TYPES = `application/merge-patch+json, ${TYPES}`;
const DEEPEST = 32;
const MOST_MEMBERS = 1000;
const PROTOTYPE_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/** Reads the body of a write: one object, as JSON or YAML. Whatever two readers could take differently is refused. */
export function readBody(request: BodyRequest): JsonObject {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const read = readerFor(request, bytes);
  if (!isUtf8(bytes)) throw unreadable('the body is not UTF-8');
  const value = read(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  if (!isObject(value)) throw unreadable('the body must be one object');
  return value;
}

/** An operation may be asked for without a body, but not as a form of a page would ask, which names another media type. */
export function readOptionalBody(request: BodyRequest): JsonObject {
  const isEmpty = !Buffer.isBuffer(request.body) || request.body.length === 0;
  if (!isEmpty) return readBody(request);
  if (request.headers['content-type'] !== undefined) readerFor(request, Buffer.alloc(0));
  return {};
}

function readerFor({ method, headers }: BodyRequest, bytes: Buffer): (text: string) => unknown {
  const header = headers['content-type'];
  if (header === undefined && bytes.length === 0) throw unreadable('this request needs a body');
  const type = readMediaType(header ?? '');
  const encoding = headers['content-encoding'] ?? 'identity';
  if (type && isUtf8Charset(type) && encoding.toLowerCase() === 'identity') {
    switch (type.essence) {
      case 'application/json':
        return readChecked(readJson);
      case 'application/merge-patch+json':
        if (method === 'PATCH') return readChecked(readJson);
        break;
      case 'text/yaml':
      case 'application/yaml':
      case 'application/x-yaml':
        return readChecked(readYaml);
    }
  }
  throw new Problem(
    415,
    'Unsupported Media Type',
    `the body must be ${method === 'PATCH' ? MERGE_PATCH_TYPES : TYPES}, in UTF-8`,
  );
}

function readChecked(read: (text: string, check: (value: unknown) => void) => unknown) {
  return (text: string): unknown => {
    try {
      return read(text, (value) => refuseShape(value, 0));
    } catch (error) {
      // A reader that ran out of stack has met a nesting that no document of ours has.
      if (error instanceof RangeError) throw tooDeep();
      throw error;
    }
  };
}

/** Names that reach an object's prototype, and shapes that nothing of ours has, are refused before anything copies them. */
function refuseShape(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth === DEEPEST) throw tooDeep();
  const members = Object.entries(value);
  if (members.length > MOST_MEMBERS && !Array.isArray(value))
    throw unreadable(`an object has more than ${MOST_MEMBERS} members`);
  for (const [name, member] of members) {
    if (PROTOTYPE_NAMES.has(name)) throw unreadable(`no member may be called ${name}`);
    refuseShape(member, depth + 1);
  }
}

const tooDeep = () => unreadable(`the body is nested deeper than ${DEEPEST}`);
