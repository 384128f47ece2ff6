import { type ExecFileException, execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestServer } from './server.js';

export const PROGRAM = fileURLToPath(new URL('../../packages/cli/bin/latchkey.mjs', import.meta.url));

export interface Ended {
  code: number;
  out: string;
  err: string;
}

/** The environment of a command as the server's administrator. */
export const asAdministrator = ({ url, adminId, adminSecret }: TestServer): Record<string, string> => ({
  LATCHKEY_URL: url,
  LATCHKEY_CLIENT_ID: adminId,
  LATCHKEY_CLIENT_SECRET: adminSecret,
});

/** Starts `latchkey` with this environment only, and `input` as its standard input. */
export function startCommand(env: Record<string, string>, args: readonly string[], input = '') {
  let settle: (ended: Ended) => void = () => undefined;
  const ended = new Promise<Ended>((resolve) => {
    settle = resolve;
  });
  const child = execFile(
    process.execPath,
    [PROGRAM, ...args],
    { env: { PATH: process.env.PATH ?? '', HOME: mkdtempSync(join(tmpdir(), 'latchkey-home-')), ...env } },
    (error: ExecFileException | null, out, err) =>
      settle({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err }),
  );
  child.stdin?.end(input);
  return { child, ended };
}

export const command = (env: Record<string, string>, args: readonly string[], input = ''): Promise<Ended> =>
  startCommand(env, args, input).ended;

/** A new folder with these files. */
export function folderOf(files: Record<string, string | object>): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-config-'));
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}
