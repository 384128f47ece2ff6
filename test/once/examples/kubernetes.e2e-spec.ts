import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Deployment } from 'kubernetes-models/apps/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Service, ServiceAccount } from 'kubernetes-models/v1';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { bearer, get } from '../../support/http.js';
import { freePort } from '../../support/port.js';
import { startServer, type TestServer } from '../../support/server.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const manifests: any[] = parseAllDocuments(
  readFileSync(join(root, 'examples/kubernetes/latchkey.yaml'), 'utf8'),
).map((document) => document.toJS());

const KINDS = { Deployment, PodDisruptionBudget, Service, ServiceAccount };
const MODULES = { v1: 'v1', 'apps/v1': 'apps/v1', 'policy/v1': 'policy/v1' } as const;

const [deployment] = manifests.filter(({ kind }) => kind === 'Deployment');
const { spec: pod } = deployment.spec.template;
const [container] = pod.containers;
const METRICS_TOKEN = 'a-token-of-the-metrics-in-the-test';

let server: TestServer;
let metricsPort: number;

/** The settings of the container, on ports and secrets of the test, and on SQLite, where no server is needed. */
beforeAll(async () => {
  metricsPort = await freePort();
  const plain = container.env.flatMap(({ name, value }: any) => (value === undefined ? [] : [[name, value]]));
  server = await startServer({
    env: {
      ...Object.fromEntries(plain),
      LATCHKEY_METRICS_PORT: String(metricsPort),
      LATCHKEY_METRICS_TOKEN: METRICS_TOKEN,
    },
  });
});
afterAll(() => server?.stop('SIGKILL'));

/** Members that the types do not have are errors, as they are for the API server under strict validation. */
function faultsOfTypes(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-kubernetes-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    const lines = manifests.map(({ apiVersion, kind, ...rest }, index) => {
      const module = MODULES[apiVersion as keyof typeof MODULES];
      return `import { ${kind} as Kind${index} } from 'kubernetes-models/${module}';\nnew Kind${index}(${JSON.stringify(rest)});`;
    });
    writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'));
    const program = join(root, 'node_modules/typescript7/bin/tsc');
    const how = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', 'manifests.ts'];
    execFileSync(process.execPath, [program, ...how], { cwd: folder, encoding: 'utf8' });
    return '';
  } catch (error) {
    return String((error as { stdout?: string }).stdout ?? error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('The manifests for Kubernetes', { timeout: 60_000 }, () => {
  it('are valid for their versions of the API', () => {
    for (const manifest of manifests) new KINDS[manifest.kind as keyof typeof KINDS](manifest).validate();
    expect(faultsOfTypes()).toBe('');
  });

  it('agree with each other', () => {
    const labels = deployment.spec.template.metadata.labels;
    const [service] = manifests.filter(({ kind }) => kind === 'Service');
    const [budget] = manifests.filter(({ kind }) => kind === 'PodDisruptionBudget');
    const [account] = manifests.filter(({ kind }) => kind === 'ServiceAccount');
    expect(service.spec.selector).toEqual(labels);
    expect(budget.spec.selector.matchLabels).toEqual(labels);
    expect(deployment.spec.selector.matchLabels).toEqual(labels);
    expect(pod.serviceAccountName).toBe(account.metadata.name);
    const ports = container.ports.map(({ name, containerPort: port }: any) => ({
      name,
      port,
      targetPort: name,
    }));
    expect(service.spec.ports).toEqual(ports);
    expect(pod.volumes.map(({ name }: any) => name)).toEqual(
      container.volumeMounts.map(({ name }: any) => name),
    );
  });

  it('read the keys of the Secret that the README creates', () => {
    const readme = readFileSync(join(root, 'examples/kubernetes/README.md'), 'utf8');
    const created = [...readme.matchAll(/--from-literal=([\w-]+)=/g)].map(([, key]) => key);
    const read = container.env.flatMap(({ valueFrom }: any) =>
      valueFrom ? [valueFrom.secretKeyRef.key] : [],
    );
    expect(read.sort()).toEqual(created.sort());
  });

  it('have settings that the server knows, and probes and ports that it answers', async () => {
    for (const { httpGet } of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
      expect((await get(`${server.url}${httpGet.path}`)).status).toBe(200);
    }
    const metrics = await get(`http://127.0.0.1:${metricsPort}/metrics`, bearer(METRICS_TOKEN));
    expect(metrics.status).toBe(200);
    expect(server.stdout() + server.stderr()).not.toContain('unknown settings');
  });

  it('leave the process time to end its requests', () => {
    const delay = container.env.find(({ name }: any) => name === 'LATCHKEY_SHUTDOWN_DELAY_SECONDS').value;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(Number(delay) + 5);
  });
});
