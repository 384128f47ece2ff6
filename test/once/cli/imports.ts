import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { admin } from '../../support/admin.js';
import { asAdministrator, command, folderOf } from '../../support/command-line.js';
import { basic, form } from '../../support/http.js';
import { startServer, type TestServer } from '../../support/server.js';
import { membersOf } from './exports.js';

interface Line {
  name: string;
  object: string;
  member?: string;
  outcome: string;
  group?: string;
  detail?: string;
  accepted?: boolean;
}

interface Ended {
  code: number;
  err: string;
  out: string;
  documents: string[];
  lines: Line[];
  summary: Record<string, number>;
}

/** A server for the imports of a file of tests. */
export function useImports() {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());
  const there = () => server as TestServer;
  const latchkey = (...args: string[]) => command(asAdministrator(there()), args);
  return {
    get root() {
      return admin(there());
    },
    latchkey,
    /** Imports files with a report as JSON. */
    async imported(
      source: string,
      files: Record<string, string | object>,
      ...args: string[]
    ): Promise<Ended> {
      const folder = folderOf(files);
      const paths = Object.keys(files).map((name) => join(folder, name));
      const { code, out, err } = await latchkey('--json', 'import', source, ...paths, ...args);
      return { code, err, out, ...(out === '' ? {} : JSON.parse(out)) };
    },
    /** The answer to a request for a token, which must succeed. */
    async token(id: string, secret: string, fields: Record<string, string>, path = '/auth/token') {
      const asked = { grant_type: 'client_credentials', ...fields };
      const { status, body, text } = await form(there().url + path, asked, basic(id, secret));
      expect(status, text).toBe(200);
      return body;
    },
  };
}

export const lineOf = ({ lines }: Pick<Ended, 'lines'>, name: string): Line | undefined =>
  lines.find((line) => line.name === name);

/** What is not imported, with its groups. */
export const lostIn = ({ lines }: Pick<Ended, 'lines'>): string[] =>
  lines.filter(({ outcome }) => outcome === 'not_imported').map(({ name, group }) => `${name} ${group}`);

/** Each member of an imported object has one line, or is within one of its members that has. */
export function expectWhole({ lines }: Pick<Ended, 'lines'>, object: string, source: unknown): void {
  const names = lines.filter((line) => line.object === object).map(({ member }) => member as string);
  for (const path of membersOf(source as Record<string, unknown>)) {
    const found = names.filter((name) => path === name || path.startsWith(`${name}.`));
    expect(found, `${object}.${path}`).toHaveLength(1);
  }
}
