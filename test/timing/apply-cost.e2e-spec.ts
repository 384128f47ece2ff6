import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allow, linkTo } from '../admin/callers.js';
import { asAdministrator, command, folderOf } from '../support/command-line.js';
import { startServer, type TestServer } from '../support/server.js';

const CLIENTS = 1_000;
const POLICIES = 20;
/** The server's CPU: the rest of the machine does not count. */
const MAX_APPLY_CPU_S = 10;
const MAX_PLAN_CPU_S = 5;
const TICKS_PER_SECOND = 100;

let server: TestServer;
let folder: string;

beforeAll(async () => {
  server = await startServer();
  const policies = Array.from({ length: POLICIES }, (_, at) => ({
    resourceType: 'AccessPolicy',
    id: `team-${at}`,
    engine: 'rules',
    link: linkTo(...Array.from({ length: CLIENTS / POLICIES }, (_, n) => `bulk-${at + POLICIES * n}`)),
    rules: [allow('report', '*', 'read')],
  }));
  const report = { resourceType: 'Resource', id: 'report', operations: [{ name: 'read' }] };
  folder = folderOf({ 'policies.yaml': documents(policies), 'report.json': report });
});

afterAll(() => server?.stop());

const documents = (of: readonly object[]) => of.map((one) => JSON.stringify(one)).join('\n---\n');

function writeClients(name: string): void {
  const clients = Array.from({ length: CLIENTS }, (_, at) => ({
    resourceType: 'Client',
    id: `bulk-${at}`,
    name: `${name} ${at}`,
    grant_types: ['client_credentials'],
    labels: { team: `t-${at % POLICIES}` },
  }));
  writeFileSync(join(folder, 'clients.yaml'), documents(clients));
}

function cpuSeconds(): number {
  const [, fields = ''] = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  return ((user ?? 0) + (system ?? 0)) / TICKS_PER_SECOND;
}

async function costOf(name: string): Promise<{ summary: string | undefined; seconds: number }> {
  const before = cpuSeconds();
  const { out, err } = await command(asAdministrator(server), [name, '-f', folder]);
  expect(err).toBe('');
  const seconds = cpuSeconds() - before;
  console.log(`${name} of ${CLIENTS} clients: ${seconds.toFixed(2)} s of CPU`);
  return { summary: out.trim().split('\n').at(-1), seconds };
}

describe('1,000 clients', () => {
  it('are planned in 5 s of CPU and applied in 10, new, changed and unchanged', { retry: 0 }, async () => {
    for (const [name, summary] of [
      ['First', '1021 to create, 0 to change, 0 to delete, 0 unchanged.'],
      ['Second', '0 to create, 1000 to change, 0 to delete, 21 unchanged.'],
    ]) {
      writeClients(name as string);
      const planned = await costOf('plan');
      expect(planned.summary).toBe(summary);
      const applied = await costOf('apply');
      expect(applied.summary).toBe(`Applied: ${summary}`);
      const unchanged = await costOf('plan');
      expect(unchanged.summary).toBe('No changes: 1021 documents are as the server has them.');
      expect(Math.max(planned.seconds, unchanged.seconds)).toBeLessThan(MAX_PLAN_CPU_S);
      expect(applied.seconds).toBeLessThan(MAX_APPLY_CPU_S);
    }
  });
});
