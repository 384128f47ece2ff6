import fc from 'fast-check';
import { parseScopeItem } from '../../../packages/protocol/src/scope-item.js';
import type { UnregisteredAudience } from '../../config/settings.js';
import { CompiledPolicies } from '../../policies/compiled-policies.js';
import { appliesTo, type Policy, type Rule } from '../../policies/policy.js';
import { Catalog, type LastOwners } from '../../resources/catalog.js';
import { readingBeside } from '../../resources/item-readings.js';
import type { Resource } from '../../resources/resource.js';

export const OWN = 'https://login.example/';
const CLIENTS = ['caller', 'x', 'y'];
/** Includes a client that is registered after every policy. */
export const ALL_CLIENTS = [...CLIENTS, 'later'];
export const RESOURCES = ['a', 'b', 'c'];
/** Each client's list, which may name audiences that no resource registers. */
const LISTED = [OWN, 'urn:x', 'urn:y'];
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
  /** By client; absent: it has no list. */
  lists: Readonly<Record<string, string[] | undefined>>;
  /** The audiences of each client's live tokens, whatever it may request now. */
  live: Readonly<Record<string, string[] | undefined>>;
  /** Which clients without a list can have unregistered audiences. */
  setting: UnregisteredAudience;
  /** Of names that have left an audience. */
  lastOwners?: LastOwners;
}

const stamp = { version: 1, createdAt: 0, updatedAt: 0 };

export const aResource = (id: string) =>
  fc
    .record({
      audience: fc.constantFrom(...AUDIENCES),
      names: fc.oneof(
        { weight: 4, arbitrary: fc.subarray(OPERATIONS, { minLength: 1 }) },
        fc.constant<string[]>([]),
      ),
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

export const aList = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.subarray(LISTED) },
);

const ofTokens = fc.oneof(
  { weight: 2, arbitrary: fc.constant<string[]>([]) },
  { weight: 1, arbitrary: fc.subarray(['urn:x', 'urn:y']) },
);

export const aWorld = fc.record<World>({
  lists: fc.record({ caller: aList, x: aList, y: aList }),
  live: fc.record({ caller: ofTokens, x: ofTokens, y: ofTokens }),
  setting: fc.constantFrom('policy', 'policy', 'policy', 'allow'),
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

export const catalogOf = ({ resources, lastOwners }: World) =>
  new Catalog(
    [...resources].sort((a, b) => (a.id < b.id ? -1 : 1)),
    OWN,
    lastOwners,
  );

export const policiesOf = ({ policies }: World, client: string) =>
  policies.filter((policy) => appliesTo(policy, client));

export const compiledOf = (world: World, client: string) => new CompiledPolicies(policiesOf(world, client));

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
