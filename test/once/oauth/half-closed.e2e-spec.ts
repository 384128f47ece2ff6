import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { NATIVE } from '../../support/dialects.js';
import { useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let client: TestClient;

beforeAll(async () => {
  client = await aClient(library.server)
    .with({ secret: 'a chosen secret, which takes a slow hash' })
    .register();
});

/** Sends a text, closes this side of the connection, and reads until the server closes the other. */
const sendAndClose = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let received = '';
    const socket = connect({ port: library.server.port, host: '127.0.0.1', allowHalfOpen: true }, () =>
      socket.end(text),
    );
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('end', () => resolve(received));
    socket.on('error', reject);
  });

const GET = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';
const BODY = 'grant_type=client_credentials';
const tokenRequest = (length = BODY.length) =>
  `POST ${NATIVE.token} HTTP/1.1\r\nHost: x\r\nAuthorization: ${client.basic.authorization}\r\n` +
  `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${length}\r\n\r\n${BODY}`;

describe('A client that closes its side after its request', () => {
  it('gets the answer, also one that takes a while, and then the end (RFC 9112 9.6)', async () => {
    const answer = await sendAndClose(tokenRequest());
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain('"access_token":');
    expect(await sendAndClose(GET)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it('gets the answers to all pipelined requests, in order (RFC 9112 9.3.2, 9.6)', async () => {
    const answer = await sendAndClose(tokenRequest() + GET + GET);
    expect(answer.match(/HTTP\/1\.1 200 OK\r\n/g)).toHaveLength(3);
    expect(answer).toMatch(/"access_token":.*"status"/s);
  });

  it('gets 400 for a request that is cut short (RFC 9112 8)', async () => {
    expect(await sendAndClose(tokenRequest(BODY.length + 10))).toMatch(/^HTTP\/1\.1 400 /);
    expect(await sendAndClose('GET / HTTP/1.1\r\nHos')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('gets nothing and the end if it sent nothing', async () => {
    expect(await sendAndClose('')).toBe('');
  });
});
