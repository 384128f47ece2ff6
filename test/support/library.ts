import { afterAll, beforeAll } from 'vitest';
import { aResource } from './registration.js';
import { type ServerOptions, startServer, type TestServer } from './server.js';

export const LIBRARY = 'urn:library';
export const ATLAS = 'urn:atlas';

/** Two resources of one audience, one of another, and one of the server's own. */
export async function registerLibrary(server: TestServer): Promise<void> {
  await aResource(server, 'book', ['read', 'write'], { audience: LIBRARY });
  await aResource(server, 'page', ['turn', 'read'], { audience: LIBRARY });
  await aResource(server, 'map', ['zoom', 'geocode:location'], { audience: ATLAS });
  await aResource(server, 'diary', ['read', 'write']);
}

/** A request that every dialect grants to a client that may read book 1. */
export const READ_BOOK_1 = { audience: LIBRARY, scope: 'book:1:read' };

/** A server with the sample resources for the tests of one file; `server` is there when they run. */
export function useLibrary(options: ServerOptions = {}): {
  readonly server: TestServer;
  readonly own: string;
} {
  let started: TestServer | undefined;
  beforeAll(async () => {
    started = await startServer(options);
    await registerLibrary(started);
  });
  afterAll(async () => {
    await started?.stop();
  });
  const server = () => {
    if (!started) throw new Error('The server starts in beforeAll: ask for it inside a test.');
    return started;
  };
  return {
    get server() {
      return server();
    },
    /** The server's own audience: its root issuer. */
    get own() {
      return `${server().publicUrl}/`;
    },
  };
}
