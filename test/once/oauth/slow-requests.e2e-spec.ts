import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { NATIVE } from '../../support/dialects.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();

/** Sends the beginning of a request, and reads until the server closes the connection. */
const begin = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(library.server.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });

it('answers 408 with the limits to headers that do not arrive (RFC 9110 15.5.9, fault C9)', {
  timeout: 60_000,
}, async () => {
  const starts = [`POST ${NATIVE.token} HTTP/1.1\r\nHost: x\r\n`, 'GET /health/live HTTP/1.1\r\nHos'];
  for (const answer of await Promise.all(starts.map(begin))) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer).toMatch(/connection: close\r\n/i);
    expect(answer).toContain('its headers must within 10 seconds, its body within 30');
  }
});
