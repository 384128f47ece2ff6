import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { compile, faultsOf, openapi, operations, resolve } from '../support/openapi.js';

interface Found {
  at: string;
  node: any;
}

/** Every object of the document, with its place. */
function* everything(node: unknown, at = '#'): Generator<Found> {
  if (typeof node !== 'object' || node === null) return;
  yield { at, node };
  for (const [name, member] of Object.entries(node)) yield* everything(member, `${at}/${name}`);
}

const all = [...everything(openapi)];
const references = all.map(({ node }) => node.$ref).filter((ref) => typeof ref === 'string');

/** Media types, parameters and headers: whatever has a schema beside its examples. */
const withSchema = all.filter(({ at, node }) => 'schema' in node && !at.includes('/schemas/'));

describe('The OpenAPI document', () => {
  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(openapi.info.version).toBe(version);
  });

  it('contains no dangling references', () => {
    expect(references.filter((ref) => !resolve({ $ref: ref }))).toEqual([]);
  });

  it('contains no unused components', () => {
    const { securitySchemes, ...kinds } = openapi.components;
    const parts = Object.entries<object>(kinds).flatMap(([kind, named]) =>
      Object.keys(named).map((name) => `#/components/${kind}/${name}`),
    );
    expect(parts.filter((part) => !references.includes(part))).toEqual([]);
    const schemes = new Set(all.flatMap(({ node }) => (node.security ?? []).flatMap(Object.keys)));
    expect(Object.keys(securitySchemes).filter((name) => !schemes.has(name))).toEqual([]);
  });

  it('names every operation once', () => {
    const ids = operations.map(({ node }) => node.operationId);
    expect(new Set(ids).size).toBe(operations.length);
  });

  it('documents every path parameter', () => {
    const missing = operations.filter(({ path, parameters }) => {
      const reported = parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`);
      return reported.sort().join() !== (path.match(/\{\w+\}/g) ?? []).sort().join();
    });
    expect(missing.map(({ path }) => path)).toEqual([]);
  });

  it.each(Object.keys(openapi.components.schemas))('has a schema %s that compiles in strict mode', (name) => {
    compile({ $ref: `#/components/schemas/${name}` });
    compile(openapi.components.schemas[name]);
  });

  it('has valid schemas everywhere else', () => {
    for (const { node } of withSchema) compile(node.schema);
  });

  it('has examples that match their schemas', () => {
    const wrong = withSchema.flatMap(({ at, node }) => {
      const values = Object.values<any>(node.examples ?? {}).map((example) => resolve(example).value);
      if ('example' in node) values.push(node.example);
      return values.flatMap((value) =>
        faultsOf(compile(node.schema), value).map((fault) => `${at} ${fault}`),
      );
    });
    expect(wrong).toEqual([]);
  });

  it('types every member of a patch, the same ones as of the whole document', () => {
    const { schemas } = openapi.components;
    for (const type of ['Client', 'Resource', 'TrustedIssuer', 'AccessPolicy']) {
      const whole = Object.keys(schemas[`${type}Body`].properties).filter((name) => name !== 'secret_hash');
      expect(Object.keys(schemas[`${type}Patch`].properties).sort()).toEqual(whole.sort());
    }
  });

  it('passes the strict rules of Redocly', { timeout: 60_000 }, () => {
    const program = createRequire(import.meta.url).resolve('@redocly/cli/bin/cli.js');
    const args = [program, 'lint', '--config', 'redocly.yaml', '--format', 'json', 'docs/openapi.yaml'];
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off' };
    const printed = execFileSync(process.execPath, args, {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { totals, problems } = JSON.parse(printed);
    expect(problems).toEqual([]);
    expect(totals).toEqual({ errors: 0, warnings: 0, ignored: 0 });
  });
});
