import { connect, createServer, type Server, type Socket } from 'node:net';

/** One connection through the line. */
export interface LineConnection {
  near: Socket;
  far: Socket;
  /** The bytes that the client has sent. */
  sent: Buffer[];
  swallowed: boolean;
  /** The time of the last transfer. */
  lastAt: number;
}

/** A TCP proxy in front of a database. It records what clients send, and can black-hole single connections. */
export class DatabaseLine {
  readonly connections: LineConnection[] = [];
  /** The delay of each packet, in both directions. */
  delayMs = 0;

  private constructor(
    private readonly proxy: Server,
    /** The `DATABASE_URL` through the proxy. */
    readonly databaseUrl: string,
  ) {}

  static async open(databaseUrl: string): Promise<DatabaseLine> {
    const url = new URL(databaseUrl);
    const { hostname, port } = url;
    const proxy = createServer((near) => line.join(near, connect(Number(port), hostname)));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    url.hostname = '127.0.0.1';
    url.port = String((proxy.address() as { port: number }).port);
    const line = new DatabaseLine(proxy, url.href);
    return line;
  }

  /** Black-holes the open connections: nothing arrives any more, and neither end notices. */
  swallow(which: (connection: LineConnection) => boolean = () => true): number {
    const swallowed = this.connections.filter((one) => !one.near.destroyed && !one.swallowed && which(one));
    for (const one of swallowed) one.swallowed = true;
    return swallowed.length;
  }

  open(): LineConnection[] {
    return this.connections.filter(({ near }) => !near.destroyed);
  }

  close(): void {
    for (const { near, far } of this.connections) {
      near.destroy();
      far.destroy();
    }
    this.proxy.close();
  }

  private join(near: Socket, far: Socket): void {
    const connection: LineConnection = { near, far, sent: [], swallowed: false, lastAt: Date.now() };
    this.connections.push(connection);
    near.on('data', (data) => connection.sent.push(data));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (data) => {
        connection.lastAt = Date.now();
        if (this.delayMs > 0) setTimeout(() => connection.swallowed || to.write(data), this.delayMs);
        else if (!connection.swallowed) to.write(data);
      });
      from.on('error', () => connection.swallowed || to.destroy());
      from.on('close', () => connection.swallowed || to.destroy());
    }
  }
}
