import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DebianProgram, debianProgram, otherProgram } from '../../support/debian-program.js';
import { NATIVE } from '../../support/dialects.js';
import { aroundNginx, type Gateway, makeScratch, readdressed, runGateway } from '../../support/gateway.js';
import { form, request } from '../../support/http.js';
import { freePort } from '../../support/port.js';
import { aClient, type TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const DELAY = { LATCHKEY_SHUTDOWN_DELAY_SECONDS: '5' };
const CALLERS = 6;
/** Of Caddy and Traefik, as docs/operations.md says. */
const TWO_CHECKS_MS = 2500;

const TRAEFIK = 'traefik-dynamic.yaml';

const example = (file: string, replacements: Record<string, string>) =>
  readdressed(
    readFileSync(fileURLToPath(new URL(`../../../examples/balancers/${file}`, import.meta.url)), 'utf8'),
    replacements,
  );

interface Balancer {
  name: string;
  find?: () => string | undefined;
  start(binary: string, one: number, two: number): Promise<Gateway>;
  /** Waits until both processes are served again. */
  untilBothServe(gateway: Gateway): Promise<void>;
}

const BALANCERS: Balancer[] = [
  {
    name: 'haproxy',
    async start(binary, one, two) {
      const port = await freePort();
      const scratch = makeScratch();
      const file = join(scratch, 'haproxy.cfg');
      writeFileSync(file, example('haproxy.cfg', addresses(port, one, two)));
      return runGateway(binary, ['-db', '-f', file], port, scratch);
    },
    async untilBothServe({ url }) {
      await expect
        .poll(async () => (await request(`${url}/balancer/ready`)).text, { timeout: 30_000, interval: 100 })
        .toBe('2');
    },
  },
  {
    name: 'nginx',
    async start(binary, one, two) {
      const port = await freePort();
      const scratch = makeScratch();
      const file = join(scratch, 'nginx.conf');
      writeFileSync(file, aroundNginx(scratch, example('nginx.conf', addresses(port, one, two))));
      return runGateway(binary, ['-p', scratch, '-c', file, '-e', 'stderr'], port, scratch);
    },
    async untilBothServe() {},
  },
  {
    name: 'caddy',
    async start(binary, one, two) {
      const port = await freePort();
      const scratch = makeScratch();
      const file = join(scratch, 'Caddyfile');
      writeFileSync(
        file,
        example('Caddyfile', { ...addresses(port, one, two), 'http://:8000': `http://:${port}` }),
      );
      return runGateway(binary, ['run', '--adapter', 'caddyfile', '--config', file], port, scratch);
    },
    // It does not say which processes it has found ready.
    untilBothServe: () => sleep(TWO_CHECKS_MS),
  },
  {
    name: 'traefik',
    find: () => otherProgram('traefik'),
    async start(binary, one, two) {
      const port = await freePort();
      const scratch = makeScratch();
      const text = example(TRAEFIK, addresses(port, one, two));
      writeFileSync(join(scratch, TRAEFIK), text);
      const [, args = ''] = /: traefik (--.+)$/m.exec(text) ?? [];
      return runGateway(binary, args.split(' '), port, scratch);
    },
    untilBothServe: () => sleep(TWO_CHECKS_MS),
  },
];

const addresses = (port: number, one: number, two: number) => ({
  '127.0.0.1:8000': `127.0.0.1:${port}`,
  '127.0.0.1:8081': `127.0.0.1:${one}`,
  '127.0.0.1:8082': `127.0.0.1:${two}`,
});

describe.each(BALANCERS)('A rolling restart behind $name', { timeout: 120_000 }, (balancer) => {
  let one: TestServer;
  let two: TestServer;
  let client: TestClient;
  let gateway: Gateway | undefined;

  beforeAll(async () => {
    const binary = balancer.find ? balancer.find() : await debianProgram(balancer.name as DebianProgram);
    one = await startServer({ env: DELAY });
    two = await startServer({ beside: one, env: DELAY });
    client = await aClient(one).register();
    if (binary) gateway = await balancer.start(binary, one.port, two.port);
  });
  afterAll(async () => {
    await gateway?.stop();
    // Without its delay.
    await two?.kill();
    await one?.kill();
    await two?.stop();
    await one?.stop();
  });

  it('answers every request with the settings of the example (fault F7, fault E8)', async ({ skip }) => {
    if (!gateway) return skip(`${balancer.name} was not found`);
    const { url } = gateway;
    await balancer.untilBothServe(gateway);
    const outcomes = new Map<string, number>();
    let asking = true;
    const caller = async () => {
      while (asking) {
        const outcome = await form(
          url + NATIVE.token,
          { grant_type: 'client_credentials' },
          client.basic,
        ).then(
          ({ status, text }) => (status === 200 ? '200' : `${status} ${text}`),
          (error: Error & { cause?: { code?: string } }) => String(error.cause?.code ?? error.message),
        );
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    };
    const callers = Array.from({ length: CALLERS }, caller);
    for (const server of [one, two]) {
      await server.restart();
      await balancer.untilBothServe(gateway);
    }
    asking = false;
    await Promise.all(callers);
    expect([...outcomes.keys()]).toEqual(['200']);
    expect(outcomes.get('200')).toBeGreaterThan(100 * CALLERS);
  });
});

it('refers in the example for Traefik only to what the example defines', () => {
  const { http } = load(example(TRAEFIK, {})) as any;
  const { rule, middlewares, service } = http.routers.latchkey;
  expect(rule).toBe('PathPrefix(`/`)');
  expect(middlewares).toEqual(Object.keys(http.middlewares));
  const { servers, healthCheck, serversTransport } = http.services[service].loadBalancer;
  expect(servers).toEqual([{ url: 'http://127.0.0.1:8081' }, { url: 'http://127.0.0.1:8082' }]);
  expect(healthCheck).toMatchObject({ path: '/health/ready', interval: '1s' });
  expect(http.serversTransports).toHaveProperty(serversTransport);
});
