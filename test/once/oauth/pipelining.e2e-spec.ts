import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { NATIVE } from '../../support/dialects.js';
import { useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let client: TestClient;

beforeAll(async () => {
  client = await aClient(library.server).withEverything().register();
});

const ANSWER = /HTTP\/1\.1 (\d{3}) /g;

/** A connection that sends raw requests and counts the answers that have arrived. */
class Connection {
  private text = '';

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (text) => {
      this.text += text;
    });
  }

  static async open(): Promise<Connection> {
    const socket = connect(library.server.port, '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket);
  }

  send(text: string): void {
    this.socket.write(text);
  }

  get statuses(): string[] {
    return [...this.text.matchAll(ANSWER)].map(([, status]) => status as string);
  }

  async answers(count: number): Promise<string[]> {
    while (this.statuses.length < count) await once(this.socket, 'data');
    return this.statuses;
  }

  close(): void {
    this.socket.destroy();
  }
}

const head = (method: string, path: string, headers: string) =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${client.basic.authorization}\r\n${headers}\r\n`;
const BODY = 'grant_type=client_credentials';
const tokenRequest = () =>
  `${head('POST', NATIVE.token, `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${BODY.length}\r\n`)}${BODY}`;

describe('A connection that pipelines', () => {
  it('answers pipelined requests in their order (RFC 9112 9.3.2)', async () => {
    const pipelined = await Connection.open();
    const paths = Array.from({ length: 200 }, (_, n) => (n % 2 === 0 ? '/health/live' : '/nowhere'));
    pipelined.send(paths.map((path) => head('GET', path, '')).join(''));
    expect(await pipelined.answers(200)).toEqual(paths.map((path) => (path === '/nowhere' ? '404' : '200')));
    pipelined.close();
  });

  it('reads the body of a request that waits behind another', async () => {
    const pipelined = await Connection.open();
    pipelined.send(tokenRequest().repeat(3));
    expect(await pipelined.answers(3)).toEqual(['200', '200', '200']);
    pipelined.close();
  });

  it('delays no request of another connection until all of its own are answered (fault F8)', async () => {
    const requests = 600;
    const pipelined = await Connection.open();
    const other = await Connection.open();
    pipelined.send(tokenRequest().repeat(requests));
    await pipelined.answers(1);
    other.send(tokenRequest());
    expect(await other.answers(1)).toEqual(['200']);
    expect(pipelined.statuses.length).toBeLessThan(requests / 2);
    expect(await pipelined.answers(requests)).toEqual(Array(requests).fill('200'));
    pipelined.close();
    other.close();
  });

  it('stops serving pipelined requests when the connection closes', async () => {
    const pipelined = await Connection.open();
    pipelined.send(tokenRequest().repeat(100));
    await pipelined.answers(1);
    pipelined.close();
    const other = await Connection.open();
    other.send(tokenRequest());
    expect(await other.answers(1)).toEqual(['200']);
    other.close();
  });
});
