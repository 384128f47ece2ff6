import { isUtf8 } from 'node:buffer';
import { printable } from '../../../../packages/protocol/src/error-description.js';
import { isObject, type JsonObject } from '../../../administration/documents/merge-patch.js';
import { MAX_DEPTH } from '../../../protocol/json-text.js';
import { Problem, unreadable } from '../../../protocol/problem.js';
import { isReadableCharset, isUtf8Charset, readMediaType } from '../../request/media-type.js';
import { readJson } from './json-body.js';
import { readYaml } from './yaml-body.js';

/** The parts of a request needed to parse its body. */
export interface BodyRequest {
  method: string;
  headers: { 'content-type'?: string | undefined; 'content-encoding'?: string | undefined };
  body?: unknown;
}

const JSON_TYPES = 'application/json';
const TYPES = `${JSON_TYPES}, text/yaml or application/yaml`;
const MERGE_PATCH = 'application/merge-patch+json';
const EMPTY_MESSAGE = 'the body is empty: this request requires one, as JSON or YAML';
const MAX_MEMBERS = 1000;
/** Lists, objects and scalars of one document, counted once for each alias. */
const MAX_NODES = 100_000;
const PROTOTYPE_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/** A route's limits, if they are lower than usual. */
export interface BodyBounds {
  jsonOnly?: true;
}

/**
 * Parses the body of a write: one object, as JSON or YAML. Input that two parsers could read differently is rejected.
 */
export function readBody(request: BodyRequest, bounds: BodyBounds = {}): JsonObject {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const read = readerFor(request, bytes, bounds);
  if (bytes.length === 0) throw unreadable(EMPTY_MESSAGE);
  if (!isUtf8(bytes)) throw unreadable('the body is not UTF-8');
  const value = read(bytes.toString('utf8').replace(/^\uFEFF/, ''), assertSupportedShape);
  if (!isObject(value)) throw unreadable('the body must be an object');
  return value;
}

/** The body of an operation is optional; but an HTML form, which sends another media type, is rejected. */
export function readOptionalBody(request: BodyRequest): JsonObject {
  const isEmpty = !Buffer.isBuffer(request.body) || request.body.length === 0;
  if (!isEmpty) return readBody(request);
  if (request.headers['content-type'] !== undefined) readerFor(request, Buffer.alloc(0), {});
  return {};
}

type Reader = (text: string, check: (value: unknown) => void) => unknown;

function readerFor({ method, headers }: BodyRequest, bytes: Buffer, { jsonOnly }: BodyBounds): Reader {
  const header = headers['content-type'];
  if (header === undefined && bytes.length === 0) throw unreadable(EMPTY_MESSAGE);
  const type = readMediaType(header ?? '');
  const encoding = headers['content-encoding'] || 'identity';
  const read = type && encoding.toLowerCase() === 'identity' ? readerOf(type.essence, method) : undefined;
  if (!type || !read || (jsonOnly && read !== readJson)) {
    const missing = header === undefined ? 'the request has no Content-Type header: ' : '';
    const types = supportedTypes(method, jsonOnly ? JSON_TYPES : TYPES);
    throw new Problem(415, 'Unsupported Media Type', `${missing}the body must be ${types}, in UTF-8`);
  }
  if (!isReadableCharset(type)) {
    throw new Problem(
      415,
      'Unsupported Media Type',
      'the charset of the body must be UTF-8: remove the parameter or send charset=utf-8',
    );
  }
  if (!isUtf8Charset(type, bytes))
    throw unreadable(`the body must be UTF-8, not ${printable(type.charset ?? '')}`);
  return read;
}

export const supportedTypes = (method: string, types = TYPES): string =>
  method === 'PATCH' ? `${MERGE_PATCH}, ${types}` : types;

function readerOf(essence: string, method: string): Reader | undefined {
  switch (essence) {
    case JSON_TYPES:
      return readJson;
    case MERGE_PATCH:
      return method === 'PATCH' ? readJson : undefined;
    case 'text/yaml':
    case 'application/yaml':
    case 'application/x-yaml':
      return readYaml;
    default:
      return undefined;
  }
}

/** Rejects names that reach an object's prototype, and unsupported shapes, before anything copies them. */
function assertSupportedShape(value: unknown): void {
  let nodes = 0;
  const visit = (node: unknown, depth: number) => {
    if (++nodes > MAX_NODES) throw unreadable(`the body contains more than ${MAX_NODES} values`);
    if (typeof node !== 'object' || node === null) return;
    // Aliases can make YAML deeper than its text.
    if (depth === MAX_DEPTH) throw unreadable(`the body is nested deeper than ${MAX_DEPTH}`);
    if (Array.isArray(node)) {
      for (const item of node) visit(item, depth + 1);
      return;
    }
    const names = Object.keys(node);
    if (names.length > MAX_MEMBERS) throw unreadable(`an object contains more than ${MAX_MEMBERS} members`);
    for (const name of names) {
      if (PROTOTYPE_NAMES.has(name)) throw unreadable(`a member must not be named ${name}`);
      visit((node as JsonObject)[name], depth + 1);
    }
  };
  visit(value, 0);
}
