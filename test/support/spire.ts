import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rememberSecret } from './leaks.js';
import { freePort } from './port.js';

export const TRUST_DOMAIN = 'spiffe://example.org';
const AGENT = `${TRUST_DOMAIN}/agent`;
const START_MS = 30_000;
const POLL_MS = 250;

const onPath = (name: string): boolean =>
  (process.env.PATH ?? '').split(':').some((folder) => folder !== '' && existsSync(join(folder, name)));

/** Whether SPIRE is installed; no package of a distribution has it, so its tests do not run without it, not even in CI. */
export function hasSpire(): boolean {
  const missing = ['spire-server', 'spire-agent'].filter((name) => !onPath(name));
  if (missing.length > 0) console.log(`Skipped: ${missing.join(' and ')} not found on PATH (docs/spiffe.md)`);
  return missing.length === 0;
}

export const hasDiscoveryProvider = (): boolean => onPath('oidc-discovery-provider');

const serverConfiguration = (folder: string, ports: { api: number; bundle: number }, issuer: string) => `
server {
  bind_address = "127.0.0.1"
  bind_port = "${ports.api}"
  socket_path = "${folder}/server.sock"
  trust_domain = "example.org"
  data_dir = "${folder}/server"
  log_level = "WARN"
  jwt_issuer = "${issuer}"
  federation {
    bundle_endpoint {
      address = "127.0.0.1"
      port = ${ports.bundle}
      refresh_hint = "60s"
      profile "https_web" {
        serving_cert_file {
          cert_file_path = "${folder}/bundle.pem"
          key_file_path = "${folder}/bundle.key"
          file_sync_interval = "1h"
        }
      }
    }
  }
}
plugins {
  DataStore "sql" {
    plugin_data { database_type = "sqlite3", connection_string = "${folder}/server.sqlite3" }
  }
  KeyManager "memory" { plugin_data {} }
  NodeAttestor "join_token" { plugin_data {} }
}
`;

const agentConfiguration = (folder: string, port: number) => `
agent {
  server_address = "127.0.0.1"
  server_port = "${port}"
  socket_path = "${folder}/agent.sock"
  trust_bundle_path = "${folder}/root.pem"
  trust_domain = "example.org"
  data_dir = "${folder}/agent"
  log_level = "WARN"
}
plugins {
  KeyManager "memory" { plugin_data {} }
  NodeAttestor "join_token" { plugin_data {} }
  WorkloadAttestor "unix" { plugin_data {} }
}
`;

const providerConfiguration = (folder: string, port: number, issuer: string) => `
log_level = "warn"
domains = ["127.0.0.1"]
allow_insecure_scheme = true
insecure_addr = "127.0.0.1:${port}"
jwt_issuer = "${issuer}"
jwks_uri = "${issuer}/keys"
server_api { address = "unix://${folder}/server.sock", poll_interval = "1s" }
`;

/** SPIRE on the loopback: a server with a bundle endpoint, an agent, and this process as a workload. */
export class Spire {
  private readonly folder = mkdtempSync(join(tmpdir(), 'spire-'));
  private readonly programs: ChildProcess[] = [];
  private output = '';
  bundleUri = '';
  /** The `iss` of its JWT-SVIDs, which the OIDC Discovery Provider serves. */
  issuer = '';

  private constructor(readonly ca: string) {}

  static async start({ cert, key }: { cert: string; key: string }): Promise<Spire> {
    const spire = new Spire(cert);
    const ports = { api: await freePort(), bundle: await freePort(), provider: await freePort() };
    const { folder } = spire;
    spire.bundleUri = `https://127.0.0.1:${ports.bundle}`;
    spire.issuer = `http://127.0.0.1:${ports.provider}`;
    writeFileSync(join(folder, 'bundle.pem'), cert);
    writeFileSync(join(folder, 'bundle.key'), key);
    writeFileSync(join(folder, 'server.conf'), serverConfiguration(folder, ports, spire.issuer));
    writeFileSync(join(folder, 'agent.conf'), agentConfiguration(folder, ports.api));
    writeFileSync(join(folder, 'provider.conf'), providerConfiguration(folder, ports.provider, spire.issuer));
    spire.run('spire-server', 'run', '-config', join(folder, 'server.conf'));
    await spire.until(() => spire.server('healthcheck'));
    writeFileSync(join(folder, 'root.pem'), spire.server('bundle', 'show'));
    const token = /Token: (\S+)/.exec(spire.server('token', 'generate', '-spiffeID', AGENT))?.[1] as string;
    rememberSecret(token);
    spire.run('spire-agent', 'run', '-config', join(folder, 'agent.conf'), '-joinToken', token);
    await spire.until(() => spire.agent('healthcheck'));
    return spire;
  }

  async startDiscoveryProvider(): Promise<void> {
    this.run('oidc-discovery-provider', '-config', join(this.folder, 'provider.conf'));
    await this.until(async () => {
      if (!(await fetch(`${this.issuer}/keys`)).ok) throw new Error('not ready');
    });
  }

  /** Registers what this user runs as a workload with this path. */
  register(path: string): void {
    const selector = `unix:uid:${process.getuid?.()}`;
    const id = ['-parentID', AGENT, '-spiffeID', `${TRUST_DOMAIN}${path}`];
    this.server('entry', 'create', ...id, '-selector', selector);
  }

  /** A JWT-SVID of the workload, as its agent gives it. */
  async svid(path: string, audience: string): Promise<string> {
    const id = ['-spiffeID', `${TRUST_DOMAIN}${path}`];
    const answer = await this.until(() =>
      this.agent('api', 'fetch', 'jwt', '-audience', audience, ...id, '-output', 'json'),
    );
    const { svid } = JSON.parse(answer)[0].svids[0];
    rememberSecret(svid);
    return svid;
  }

  /** A JWT-SVID that the server mints, not the cached one of the agent. */
  mint(path: string, audience: string): string {
    const svid = this.server(
      'jwt',
      'mint',
      '-audience',
      audience,
      '-spiffeID',
      `${TRUST_DOMAIN}${path}`,
    ).trim();
    rememberSecret(svid);
    return svid;
  }

  /** Signs with a new key from now on; returns the id of the former, which is still in the bundle. */
  rotate(): string {
    const authority = (...words: string[]) =>
      JSON.parse(this.server('localauthority', 'jwt', ...words, '-output', 'json'));
    const former = authority('show').active.authority_id;
    const { authority_id: next } = authority('prepare').prepared_authority;
    authority('activate', '-authorityID', next);
    return former;
  }

  /** Takes the former key out of the bundle, as after a compromise. */
  revoke(authorityId: string): void {
    for (const word of ['taint', 'revoke'])
      this.server('localauthority', 'jwt', word, '-authorityID', authorityId);
  }

  async stop(): Promise<void> {
    const ended = this.programs.map(
      (child) => child.exitCode ?? new Promise((resolve) => child.once('close', resolve)),
    );
    for (const child of this.programs) child.kill('SIGTERM');
    await Promise.all(ended);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private run(program: string, ...args: string[]): void {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    process.once('exit', () => child.kill('SIGKILL'));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        this.output = (this.output + chunk).slice(-4000);
      });
    }
    this.programs.push(child);
  }

  private server(...words: string[]): string {
    return this.ask('spire-server', [...words, '-socketPath', join(this.folder, 'server.sock')]);
  }

  private agent(...words: string[]): string {
    return this.ask('spire-agent', [...words, '-socketPath', join(this.folder, 'agent.sock')]);
  }

  private ask(program: string, args: string[]): string {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  private async until<T>(ask: () => T | Promise<T>): Promise<T> {
    const limit = performance.now() + START_MS;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (performance.now() > limit) throw new Error(`${error}\n${this.output}`);
        await sleep(POLL_MS);
      }
    }
  }
}
