import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

type Node = Record<string, any>;

export interface Operation {
  method: string;
  path: string;
  /** Those of the operation and of its path. */
  parameters: Node[];
  /** Status codes. */
  statuses: number[];
  node: Node;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const SAME_PLACE = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else']);
const BY_NAME = new Set(['properties', '$defs']);

export const openapi: Node = parse(
  readFileSync(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8'),
  { strict: true },
);

/** The target of a reference object; any other node is returned unchanged. */
export function resolve(node: Node): Node {
  if (typeof node.$ref !== 'string') return node;
  const named = node.$ref
    .slice(2)
    .split('/')
    .reduce((found: Node | undefined, name) => found?.[name.replace('~1', '/')], openapi);
  if (!named) throw new Error(`The document has no ${node.$ref}`);
  return resolve(named);
}

export const operations: readonly Operation[] = Object.entries<Node>(openapi.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => item[method]).map((method) => ({
    method: method.toUpperCase(),
    path,
    parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map(resolve),
    statuses: Object.keys(item[method].responses).map(Number),
    node: item[method],
  })),
);

export function operationAt(method: string, path: string): Operation {
  const found = operations.find((one) => one.method === method && one.path === path);
  if (!found) throw new Error(`The document has no ${method} ${path}`);
  return found;
}

/** An example of a request body by name. */
export function exampleOf(method: string, path: string, name: string): any {
  const body = resolve(operationAt(method, path).node.requestBody);
  const found = Object.values<Node>(body.content).find(({ examples }) => examples?.[name]);
  if (!found) throw new Error(`${method} ${path} has no example ${name}`);
  return structuredClone(resolve(found.examples[name]).value);
}

/**
 * A schema for ajv, with the components as `$defs`. A closed one accepts only members that it declares: responses are
 * checked with it, whereas clients should ignore unknown members.
 */
function prepared(schema: any, closed: boolean, ownPlace = true): any {
  if (Array.isArray(schema)) return schema.map((one) => prepared(one, closed, false));
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries<any>(schema).map(([keyword, value]) => {
    if (keyword === '$ref') return [keyword, value.replace('#/components/schemas/', 'latchkey#/$defs/')];
    if (BY_NAME.has(keyword)) {
      const members = Object.entries(value).map(([name, one]) => [name, prepared(one, closed)]);
      return [keyword, Object.fromEntries(members)];
    }
    if (SAME_PLACE.has(keyword)) return [keyword, prepared(value, closed, false)];
    return [keyword, keyword === 'items' ? prepared(value, closed) : value];
  });
  const open = !('additionalProperties' in schema) && !('unevaluatedProperties' in schema);
  return {
    ...Object.fromEntries(entries),
    ...(closed && ownPlace && open ? { unevaluatedProperties: false } : {}),
  };
}

function compiler(closed: boolean): (schema: Node) => ValidateFunction {
  // A branch may require members that the enclosing schema declares; these two checks are off in ajv by default too.
  const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: !closed, allErrors: true });
  formats.default(ajv);
  const components = Object.entries(openapi.components.schemas);
  const $defs = Object.fromEntries(
    components.map(([name, schema]) => [name, prepared(schema, closed, false)]),
  );
  ajv.addSchema({ $id: 'latchkey', $defs });
  const compiled = new Map<Node, ValidateFunction>();
  return (schema) => {
    const validate = compiled.get(schema) ?? ajv.compile(prepared(schema, closed));
    compiled.set(schema, validate);
    return validate;
  };
}

/** Compiles a schema of the document unchanged. */
export const compile = compiler(false);

/** Compiles it so that members it does not declare are errors. */
export const compileClosed = compiler(true);

/** The errors of a value in words. */
export function faultsOf(validate: ValidateFunction, value: unknown): string[] {
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message, params }) =>
        [instancePath, message, JSON.stringify(params)].filter(Boolean).join(' '),
      );
}
