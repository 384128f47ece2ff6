// A folder may import itself and what stands before it. src/app.module.ts stands before `server`, main.ts last.
const order = [
  'protocol',
  'config',
  'runtime',
  'metrics',
  'tracing',
  'database',
  'crypto',
  'audit',
  'keys',
  'clients',
  'resources',
  'policies',
  'sessions',
  'tokens',
  'administration',
  'events',
  'http',
  'server',
  'commands',
];

const known = `^src/(${order.join('|')})/`;

const oneWay = order.map((folder, index) => ({
  name: `${folder}-imports-only-what-stands-before-it`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: {
    path: '^(src|test|packages)/',
    pathNot: `^packages/protocol/|^src/((${order.slice(0, index + 1).join('|')})/${folder === 'server' ? '|app\\.module\\.ts$' : ''})`,
  },
}));

const npm = (...names) => `(^|node_modules/)(${names.join('|')})(/|$)`;

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...oneWay,
    {
      name: 'every-folder-has-its-place-in-the-order',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: known },
      to: {},
    },
    {
      name: 'typeorm-only-in-storage-code',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '(^src/database/|\\.(entity|repository|module)(\\.spec)?\\.ts$)',
      },
      to: { path: npm('typeorm', '@nestjs/typeorm') },
    },
    {
      name: 'protocol-knows-no-framework',
      severity: 'error',
      from: { path: '^(src|packages)/protocol/' },
      to: { path: npm('@nestjs', 'fastify', '@fastify', 'typeorm') },
    },
    {
      name: 'protocol-does-no-io',
      severity: 'error',
      from: { path: '^(src|packages)/protocol/' },
      to: { path: '^(node:)?(fs|net|tls|dgram|dns|https?|http2|child_process|worker_threads|cluster)(/|$)' },
    },
    {
      name: 'fastify-only-in-http-and-server',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(http|server)/' },
      to: { path: npm('fastify', '@fastify', '@nestjs/platform-fastify') },
    },
    {
      name: 'prom-client-only-in-metrics',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/metrics/' },
      to: { path: npm('prom-client') },
    },
    {
      name: 'opentelemetry-only-in-tracing',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/tracing/' },
      to: { path: npm('@opentelemetry') },
    },
    {
      name: 'administration-knows-no-http',
      severity: 'error',
      from: { path: '^src/administration/' },
      to: { path: '^(node:)?https?$' },
    },
    {
      name: 'migrations-are-run-by-the-database-folder',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/database/' },
      to: { path: '^migrations/' },
    },
    {
      name: 'migrations-import-only-the-database-folder',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^src/', pathNot: '^src/database/' },
    },
    {
      name: 'the-guard-shares-the-protocol-and-nothing-else',
      severity: 'error',
      from: { path: '^packages/guard/src/' },
      to: { path: '^(src|test|migrations|packages)/', pathNot: '^packages/(protocol/src|guard)/' },
    },
    {
      name: 'the-guard-needs-nothing-but-jose',
      severity: 'error',
      from: { path: '^packages/guard/src/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypesNot: ['local', 'core', 'type-only'], pathNot: npm('jose') },
    },
    {
      name: 'the-command-line-shares-the-protocol-and-nothing-else',
      severity: 'error',
      from: { path: '^packages/cli/src/' },
      to: { path: '^(src|test|migrations|packages)/', pathNot: '^packages/(protocol/src|cli)/' },
    },
    {
      name: 'the-shared-protocol-imports-nothing-outside',
      severity: 'error',
      from: { path: '^packages/protocol/' },
      to: { path: '^(src|test|migrations|packages)/', pathNot: '^packages/protocol/' },
    },
    {
      name: 'the-console-knows-the-server-by-its-api-only',
      severity: 'error',
      from: { path: '^console/' },
      to: { path: '^(src|test|migrations|packages)/' },
    },
    {
      name: 'the-server-imports-no-package-but-the-shared-protocol',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { path: '^packages/', pathNot: '^packages/protocol/src/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
