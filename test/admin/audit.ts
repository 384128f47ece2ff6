import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { admin } from '../support/admin.js';
import { launch } from '../support/launch.js';
import type { TestServer } from '../support/server.js';

/** Runs the check as its own process, with the settings of this server. */
export async function checkChain(
  server: TestServer,
  ...witnesses: string[]
): Promise<{ code: number | null; said: string }> {
  const { exited, stdout, stderr } = launch(server.env, 'audit-check.js', witnesses);
  const { code } = await exited;
  return { code, said: stdout() + stderr() };
}

export async function expectWhole(server: TestServer): Promise<void> {
  const { code, said } = await checkChain(server);
  expect(said).toMatch(/^\d+ events verified from \S+Z to \S+Z\. The chain ends at \d+:\S{43}\./);
  expect(code).toBe(0);
}

export async function expectBroken(server: TestServer, what: RegExp): Promise<void> {
  const { code, said } = await checkChain(server);
  expect(said).toMatch(what);
  expect(code).toBe(1);
}

/** The events of a search, newest first. */
export async function events(server: TestServer, search = ''): Promise<any[]> {
  const { status, text, body } = await admin(server).get(`/AuditEvent?_count=1000&${search}`);
  expect(status, text).toBe(200);
  return body.entry.map(({ resource }: any) => resource);
}

/** Waits until a search finds so many events: some are written within a second, some when their session has settled. */
export async function eventually(server: TestServer, search: string, least = 1): Promise<any[]> {
  for (const limit = Date.now() + 25_000; ; await sleep(250)) {
    const found = await events(server, search);
    if (found.length >= least || Date.now() > limit) {
      expect(found.length, search).toBeGreaterThanOrEqual(least);
      return found;
    }
  }
}
