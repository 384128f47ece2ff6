import { createServer, get, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { hardenedResponse, hardeningOf } from './hardened-response.js';

async function headersOf(listener: RequestListener): Promise<string[]> {
  const server = createServer({ ServerResponse: hardenedResponse(hardeningOf(true)) }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent: false }, resolve).on('error', reject);
  });
  response.resume();
  server.close();
  const { rawHeaders } = response;
  return rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []));
}

const ADDED = Object.entries(hardeningOf(true)).map(([name, value]) => `${name}: ${value}`);
const OWN_POLICY = "content-security-policy: default-src 'self'";
const OTHERS = ADDED.filter((line) => !line.startsWith('content-security-policy'));

describe('A hardened response', () => {
  it('has each header once, whichever way its own headers are set', async () => {
    for (const listener of [
      (_, response) => response.writeHead(204).end(),
      (_, response) => response.writeHead(204, 'Nothing', { pragma: 'no-cache' }).end(),
      (_, response) => response.setHeader('pragma', 'no-cache').end('text'),
    ] satisfies RequestListener[]) {
      const headers = await headersOf(listener);
      expect(headers.filter((line) => ADDED.includes(line))).toEqual(ADDED);
    }
  });

  it('keeps a header of its own instead', async () => {
    const [name, policy] = OWN_POLICY.split(': ', 2) as [string, string];
    for (const listener of [
      (_, response) => response.writeHead(200, { [name]: policy }).end(),
      (_, response) => response.setHeader(name, policy).writeHead(200).end(),
      (_, response) => response.setHeader(name, policy).writeHead(200, { pragma: 'no-cache' }).end(),
    ] satisfies RequestListener[]) {
      const headers = await headersOf(listener);
      expect(headers.filter((line) => line.startsWith(name))).toEqual([OWN_POLICY]);
      expect(headers).toEqual(expect.arrayContaining(OTHERS));
    }
  });
});
