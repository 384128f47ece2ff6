import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { dumpOfCopy, emptyServer, type Ran, runCommand } from '../support/backup.js';
import { engine } from '../support/database.js';
import { registerLibrary } from '../support/library.js';
import { newMasterKey } from '../support/master-key.js';
import { aClient, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

/** Backs up a server, running or not. */
export async function backedUp(server: TestServer, file: string): Promise<string> {
  const { code, stderr } = await runCommand('backup', server, [file]);
  expect([code, stderr]).toEqual([0, '']);
  return file;
}

/** Answers the report of a restore. */
export function expectDone({ code, stdout, stderr }: Ran): string {
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

export function expectRefused({ code, stdout, stderr }: Ran, why: RegExp): void {
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^The backup was not restored: .+\n$/);
  expect(stderr).toMatch(why);
}

/** Everything that a restore does not change itself, of a server that does not run. */
export async function copied(server: TestServer): Promise<Map<string, string[]>> {
  const changed = ['migration', 'configuration_revision', 'restore_mark', 'audit_event', 'audit_head'];
  const all = [...(await dumpOfCopy(server))];
  const tables = all.filter(([name]) => !changed.includes(name) && !/^sqlite_/.test(name));
  const rowsOf = (text: string): string[] =>
    JSON.parse(text).map((row: object) => JSON.stringify({ ...row, session_generation: undefined }));
  return new Map(tables.map(([name, text]) => [name, rowsOf(text).sort()]));
}

/** A server with two clients, a folder for backups, and servers to restore them on. */
export class Restoring {
  readonly folder = mkdtempSync(join(tmpdir(), 'latchkey-restore-'));
  private readonly targets: TestServer[] = [];

  private constructor(
    readonly server: TestServer,
    /** Gets opaque tokens and refresh tokens. */
    readonly client: TestClient,
    readonly jwtClient: TestClient,
  ) {}

  static async start(): Promise<Restoring> {
    const server = await startServer({ env: { LATCHKEY_MASTER_KEY: newMasterKey() } });
    await registerLibrary(server);
    const client = await aClient(server)
      .with({ name: 'Ünïcode 🔑 \\ "double" \'single\' %_' })
      .withTokens({ refresh_token: true })
      .withGrant('book:*:read')
      .register();
    const jwtClient = await aClient(server)
      .withTokens({ token_format: 'jwt' })
      .withGrant('book:*:read')
      .register();
    return new Restoring(server, client, jwtClient);
  }

  backup(name: string, server = this.server): Promise<string> {
    return backedUp(server, join(this.folder, name));
  }

  async emptyServer(on = engine): Promise<TestServer> {
    const target = await emptyServer(this.server, on);
    this.targets.push(target);
    return target;
  }

  /** Runs a restored server at the address of the other one, so that its clients reach it. */
  async instead(target: TestServer, work: () => Promise<void>): Promise<void> {
    await this.server.kill();
    try {
      await target.start();
      await work();
    } finally {
      await target.kill();
      await this.server.restart();
    }
  }

  async stop(): Promise<void> {
    for (const target of this.targets) await target.stop();
    await this.server.stop();
    rmSync(this.folder, { recursive: true });
  }
}

export function useRestoring(): { readonly it: Restoring } {
  let started: Restoring | undefined;
  beforeAll(async () => {
    started = await Restoring.start();
  });
  afterAll(async () => {
    await started?.stop();
  });
  return {
    get it() {
      if (!started) throw new Error('The server starts in beforeAll: ask for it inside a test.');
      return started;
    },
  };
}
