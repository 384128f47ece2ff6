import fc from 'fast-check';
import { parseScopeItem, type ScopeItem } from '../../../../packages/protocol/src/scope-item.js';
import { CompiledPolicies } from '../../../policies/compiled-policies.js';
import { decide } from '../../../policies/decision.js';
import { appliesTo, type Policy, type Rule } from '../../../policies/policy.js';
import { coversAudience, coversBareAudiences, wholeGrant } from '../../../policies/whole-grant.js';
import { Catalog } from '../../../resources/catalog.js';
import { readingBeside } from '../../../resources/item-readings.js';
import type { Resource } from '../../../resources/resource.js';

const OWN = 'https://login.example/';
const CLIENTS = ['caller', 'x', 'y'];
/** Includes a client that is registered after every policy. */
export const ALL_CLIENTS = [...CLIENTS, 'later'];
export const RESOURCES = ['a', 'b', 'c'];
const IDENTIFIERS = ['1', '*'];
const OPERATIONS = ['read', 'write', 'a:1:read', 'b'];
const AUDIENCES = [null, 'urn:x', 'urn:y'];
export const TYPES = ['Resource', 'Client', 'AccessPolicy'];
const POLICIES = ['p', 'q', 'r'];

/** The items with which tokens are tried: bare names as well as the grammar. */
export const ITEMS = [
  ...OPERATIONS,
  ...[...RESOURCES, '*', ...TYPES].flatMap((resource) =>
    ['1', '2', '*', ...RESOURCES].flatMap((identifier) =>
      ['read', 'write', 'update', 'b', '*'].map((operation) => `${resource}:${identifier}:${operation}`),
    ),
  ),
];

export interface World {
  resources: Resource[];
  policies: Policy[];
}

const stamp = { version: 1, createdAt: 0, updatedAt: 0 };

export const aResource = (id: string) =>
  fc
    .record({
      audience: fc.constantFrom(...AUDIENCES),
      names: fc.subarray(OPERATIONS, { minLength: 1 }),
      seconds: fc.constantFrom(undefined, undefined, 1),
    })
    .map(
      ({ audience, names, seconds }): Resource => ({
        ...stamp,
        id,
        audience,
        name: null,
        operations: names.map((name) => ({ name })),
        introspectionClients: [],
        token: seconds === undefined ? {} : { accessTokenExpirationSeconds: seconds },
      }),
    );

const OWN_RESOURCES: Resource[] = TYPES.map((id) => ({
  ...stamp,
  id,
  audience: null,
  name: null,
  operations: ['read', 'update', 'create', 'delete'].map((name) => ({ name })),
  introspectionClients: [],
  token: {},
}));

const aRule = fc.oneof(
  { weight: 3, arbitrary: ruleOn(fc.constantFrom(...RESOURCES, '*'), IDENTIFIERS, [...OPERATIONS, '*']) },
  {
    weight: 2,
    arbitrary: ruleOn(fc.constantFrom(...TYPES), [...RESOURCES, ...POLICIES, '*'], ['update', '*']),
  },
);

function ruleOn(resource: fc.Arbitrary<string>, identifiers: string[], operations: string[]) {
  return fc.record<Rule>({
    effect: fc.constantFrom('allow', 'allow', 'allow', 'deny'),
    resource,
    identifier: fc.constantFrom(...identifiers),
    operations: fc.uniqueArray(fc.constantFrom(...operations), { minLength: 1, maxLength: 2 }),
  });
}

export const aPolicy = (id: string) =>
  fc
    .record({
      engine: fc.constantFrom<Policy['engine']>('rules', 'rules', 'rules', 'allow'),
      everyone: fc.constantFrom(false, false, false, true),
      clientIds: fc.subarray(CLIENTS, { minLength: 1 }),
      exceptIds: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, fc.subarray(CLIENTS)),
      rules: fc.array(aRule, { minLength: 1, maxLength: 3 }),
    })
    .map(
      ({ engine, everyone, exceptIds, clientIds, rules }): Policy => ({
        ...stamp,
        id,
        engine,
        everyone: everyone && engine === 'rules',
        exceptIds: everyone && engine === 'rules' ? exceptIds : [],
        clientIds: everyone && engine === 'rules' ? [] : clientIds,
        rules: engine === 'allow' ? [] : rules,
      }),
    );

/** Ambiguous names are rejected at each write, so no catalog contains any. */
function withClearNames(resources: Resource[]): Resource[] {
  const catalog = new Catalog(resources, OWN);
  return resources.map((resource) => ({
    ...resource,
    operations: resource.operations.filter(({ name }) => !readingBeside(name, [resource.id], catalog)),
  }));
}

export const aWorld = fc.record<World>({
  resources: fc
    .tuple(...RESOURCES.map((id) => fc.option(aResource(id), { nil: undefined })))
    .map((some) => withClearNames([...OWN_RESOURCES, ...some.filter((one) => one !== undefined)])),
  policies: fc.tuple(...POLICIES.map(aPolicy)),
});

/** The scope of the caller's session: none, or what these items mean. */
export const aScope = fc.option(
  fc
    .array(fc.constantFrom(...ITEMS, 'Resource:a:update', 'Resource:*:update', '*'), {
      minLength: 1,
      maxLength: 3,
    })
    .map((items) => items.flatMap((item) => parseScopeItem(item) ?? [])),
  { nil: undefined },
);

export const catalogOf = ({ resources }: World) =>
  new Catalog(
    [...resources].sort((a, b) => (a.id < b.id ? -1 : 1)),
    OWN,
  );

export const policiesOf = ({ policies }: World, client: string) =>
  policies.filter((policy) => appliesTo(policy, client));

const AUDIENCES_ASKED = [OWN, 'urn:x', 'urn:y'];

/** Whatever a whole grant contains in either world can be requested in both. */
const itemsOf = (...worlds: World[]): string[] => [
  ...new Set([
    ...ITEMS,
    ...worlds.flatMap((world) =>
      ALL_CLIENTS.flatMap((client) =>
        AUDIENCES_ASKED.flatMap((audience) =>
          wholeGrant(new CompiledPolicies(policiesOf(world, client)), catalogOf(world), [audience]),
        ),
      ),
    ),
  ]),
];

/** Every (client, audience, item) that a token can carry; the item is empty for a token without items. */
function carried(world: World, items: readonly string[]): Set<string> {
  const catalog = catalogOf(world);
  const found = new Set<string>();
  for (const client of ALL_CLIENTS) {
    const compiled = new CompiledPolicies(policiesOf(world, client));
    for (const audience of AUDIENCES_ASKED) {
      const isCopied = !catalog.isAudience(audience) && compiled.hasAllowEngine;
      const isBare = catalog.isAudience(audience) && coversBareAudiences(compiled, catalog, [audience]);
      if (isCopied || isBare) found.add(`${client} ${audience} `);
    }
    for (const audience of [...AUDIENCES_ASKED, undefined]) {
      const isOpen =
        audience === undefined || audience === OWN || coversAudience(compiled, catalog, audience);
      if (!isOpen) continue;
      const context = audience === undefined ? { catalog } : { catalog, audiences: [audience] };
      for (const { scope, granted } of decide(compiled, items, context)) {
        if (granted) found.add(`${client} ${audience ?? '-'} ${scope}`);
      }
    }
  }
  return found;
}

/** What tokens can carry only after a write, and only before it. */
export function difference(before: World, after: World): { gained: string[]; lost: string[] } {
  const items = itemsOf(before, after);
  const [was, is] = [carried(before, items), carried(after, items)];
  return { gained: added(was, is), lost: added(is, was) };
}

const added = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
  [...other].filter((entry) => !one.has(entry));

/** The readings of an item by an API that knows its audience's operations, or the grammar alone. */
export function readings(item: string, audience: string, catalog: Catalog): ScopeItem[] {
  const owners = audience === '-' ? [] : catalog.withAudience(audience);
  const bare = owners
    .filter(({ id }) => catalog.hasOperation(id, item))
    .map(({ id }) => ({ resource: id, identifier: '*', operation: item }));
  const parsed = parseScopeItem(item);
  const isRegistered = parsed && (parsed.resource === '*' || catalog.find(parsed.resource));
  return isRegistered ? [...bare, parsed] : bare;
}

export const NO_RESOURCE = fc.constant(null);

/** The caller's rights to write these resources and clients. */
export const rightsOn = (ids: string[], clients: string[] = []): Policy => ({
  ...stamp,
  id: 'rights',
  engine: 'rules',
  everyone: false,
  exceptIds: [],
  clientIds: ['caller'],
  rules: [...ids.map((id) => ['Resource', id]), ...clients.map((id) => ['Client', id])].map(
    ([resource = '', identifier = '']): Rule => ({
      effect: 'allow',
      resource,
      identifier,
      operations: ['*'],
    }),
  ),
});
