import { expect } from 'vitest';
import { DatabaseLine } from './database-line.js';
import { NATIVE } from './dialects.js';
import { READ_BOOK_1, registerLibrary } from './library.js';
import { listOf } from './pair.js';
import { aClient } from './registration.js';
import { refusedSoon } from './timed.js';
import { servesOn, stopsWith, type TlsDatabase } from './tls-database.js';

/** The same server under a name that its certificate does not contain. */
function byOtherName(url: string): string {
  const other = new URL(url);
  other.hostname = 'localhost';
  return other.href;
}

/** Expects that a process neither fails over to a host whose certificate is for another name nor starts on one. */
export async function verifiesEachHost(database: TlsDatabase, databaseUrl: string): Promise<void> {
  const [line, otherLine] = [await DatabaseLine.open(databaseUrl), await DatabaseLine.open(databaseUrl)];
  const list = listOf(line.databaseUrl, byOtherName(otherLine.databaseUrl));
  const url = `${list}?tls=verify&tls_ca=${database.ca}`;
  const { host } = new URL(byOtherName(otherLine.databaseUrl));
  try {
    await servesOn(url, async (server) => {
      await registerLibrary(server);
      const client = await aClient(server).withGrant('book:1:read').register();
      const ask = () => client.ask(NATIVE, READ_BOOK_1);
      expect((await ask()).status).toBe(200);
      line.close();
      await refusedSoon(ask);
      await expect.poll(() => server.stderr()).toContain(`"host":"${host}","reason":"`);
      expect((await ask()).status).toBe(503);
    });
    const { host: dead } = new URL(line.databaseUrl);
    await stopsWith(
      database,
      url,
      `no host can be used: no server listens at ${dead} (ECONNREFUSED); the server at ${host} has a certificate for another name`,
    );
    const sent = Buffer.concat(otherLine.connections.flatMap((one) => one.sent)).toString('latin1');
    expect(otherLine.connections.length).toBeGreaterThan(0);
    expect(sent).not.toContain('encrypted_only');
  } finally {
    line.close();
    otherLine.close();
  }
}
