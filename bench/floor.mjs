import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { basic } from './latchkey.mjs';
import { interrupted } from './program.mjs';
import { freePort, ServerProcess } from './server-process.mjs';

const FORM = 'application/x-www-form-urlencoded';

/** The floor in a separate process, on a scratch directory or database. */
export class Floor {
  constructor(name, databaseUrl) {
    interrupted.throwIfAborted();
    this.name = name;
    this.databaseUrl = databaseUrl;
    this.folder = mkdtempSync(join(tmpdir(), 'latchkey-floor-'));
  }

  get file() {
    return join(this.folder, 'latchkey.sqlite');
  }

  async start() {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const args = ['bench/floor-server.mjs', String(port), this.folder];
    this.process = new ServerProcess(this.name, this.databaseUrl ? [...args, this.databaseUrl] : args, {});
    await this.process.untilAnswers(`${this.url}/health/ready`);
  }

  get cpuSeconds() {
    return this.process.cpuSeconds;
  }

  get residentBytes() {
    return this.process.residentBytes;
  }

  at(path, client) {
    return { url: this.url + path, type: FORM, authorization: basic(client, 'not-checked-by-the-floor') };
  }

  tokenRequest(kind) {
    const body = 'grant_type=client_credentials&scope=read%20write%20admin%20list';
    return { ...this.at('/auth/token', kind), body };
  }

  introspectionRequest(kind) {
    return this.at('/auth/introspect', kind);
  }

  revocationRequest(kind) {
    return this.at('/auth/revoke', kind);
  }

  async remove() {
    await this.process?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
