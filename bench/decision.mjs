// Prints how long a decision takes for a client with 10,000 rules; needs a build (`npm run build`).
import { CompiledPolicies } from '../dist/src/policies/compiled-policies.js';
import { decide } from '../dist/src/policies/decision.js';
import { Catalog } from '../dist/src/resources/catalog.js';

const RULES = 10_000;
const RESOURCES = 100;
const ITEMS = 1_000;
const ROUNDS = 50;

const written = { version: 1, createdAt: 0, updatedAt: 0 };

const resources = Array.from({ length: RESOURCES }, (_, number) => ({
  ...written,
  id: `resource-${String(number).padStart(3, '0')}`,
  name: null,
  audience: null,
  operations: ['read', 'write', 'create', 'delete'].map((name) => ({ name })),
  introspectionClients: [],
  token: {},
}));

const rules = Array.from({ length: RULES }, (_, number) => ({
  effect: number % 10 === 9 ? 'deny' : 'allow',
  resource: resources[number % RESOURCES].id,
  identifier: String(number),
  operations: number % 3 === 0 ? ['*'] : ['read', 'write'],
}));

const policy = {
  ...written,
  id: 'p',
  engine: 'rules',
  everyone: false,
  exceptIds: [],
  clientIds: ['c'],
  rules,
};
const items = Array.from({ length: ITEMS }, (_, number) => {
  const { resource, identifier } = rules[(number * 7919) % RULES];
  return number % 5 === 0 ? `${resource}:read` : `${resource}:${identifier}:read`;
});

const catalog = new Catalog(resources, 'http://localhost/');

const compiling = performance.now();
const compiled = new CompiledPolicies([policy]);
const compiledIn = performance.now() - compiling;

// Warms up: the first call of a process is spent on compiling JavaScript.
decide(compiled, items.slice(0, 100), { catalog });
const first = performance.now();
const granted = decide(compiled, items, { catalog }).filter((item) => item.granted).length;
const decidedIn = performance.now() - first;

const started = performance.now();
for (let round = 0; round < ROUNDS; round++) for (const item of items) decide(compiled, [item], { catalog });
const each = ((performance.now() - started) * 1000) / (ROUNDS * ITEMS);

console.log(`${RULES} rules compiled in ${compiledIn.toFixed(1)} ms`);
console.log(`${ITEMS} items (${granted} granted) decided in ${decidedIn.toFixed(2)} ms, target 20 ms`);
console.log(`one item decided in ${each.toFixed(2)} µs, target 10 µs`);
