import { expect } from 'vitest';
import { type Answer, request } from '../support/http.js';
import type { TestServer } from '../support/server.js';

interface Named {
  resource: { id: string };
}

/** The ids of a Bundle, in its order. */
export const idsOf = ({ body }: Answer): string[] => body.entry.map(({ resource }: Named) => resource.id);

/** The URL of one of a Bundle's links. */
export const linkOf = ({ body }: Answer, relation: string): string | undefined =>
  body.link.find((link: { relation: string }) => link.relation === relation)?.url;

/** The paths of a problem's `errors`, in any order. */
export const pathsOf = ({ body }: Answer): string[] =>
  (body?.errors ?? []).map(({ path }: { path: string }) => path).sort();

/** A problem document (RFC 9457 3) of this status that names exactly these paths. */
export function expectProblem(answer: Answer, status: number, paths: string[] = []): void {
  const reported = `${answer.status} ${answer.text}`;
  expect(answer.status, reported).toBe(status);
  expect(answer.headers.get('content-type'), reported).toBe('application/problem+json; charset=utf-8');
  expect(answer.headers.get('cache-control'), reported).toBe('no-store');
  const { title, detail, ...rest } = answer.body;
  expect(title, reported).toMatch(/\w/);
  expect(detail, reported).toMatch(/\w/);
  expect(rest, reported).toMatchObject({ type: 'about:blank', status });
  expect(pathsOf(answer), reported).toEqual([...paths].sort());
  for (const { message } of answer.body.errors ?? []) expect(message, reported).toMatch(/\w/);
}

/** A body of any media type, as it is. */
export const send = (
  server: TestServer,
  method: string,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
): Promise<Answer> => request(new URL(path, server.url).href, { method, body, headers });

/** Every page of a list, from this path on by its `next` links; fails when it does not end. */
export async function allPages(get: (path: string) => Promise<Answer>, path: string): Promise<Answer[]> {
  const pages: Answer[] = [];
  for (
    let next: string | undefined = path;
    next !== undefined;
    next = linkOf(pages.at(-1) as Answer, 'next')
  ) {
    const page: Answer = await get(next);
    expect(page.status, page.text).toBe(200);
    pages.push(page);
    expect(pages.length).toBeLessThan(500);
  }
  return pages;
}
