import type { IncomingMessage } from 'node:http';

type Body = Pick<IncomingMessage, 'destroy'>;

/**
 * Bounds the bytes of incomplete bodies. Beyond the limit, the connection of the oldest is closed: it is the most
 * likely to be held open on purpose, and rejecting new bodies would let a few slow senders block everyone.
 */
export class BodyBudget {
  private held = 0;
  private readonly bodies = new Map<Body, number>();

  constructor(private readonly maxBytes: number) {}

  hold(body: Body, bytes: number): void {
    this.held += bytes;
    this.bodies.set(body, (this.bodies.get(body) ?? 0) + bytes);
    while (this.held > this.maxBytes) {
      const [oldest] = this.bodies.keys();
      if (!oldest) return;
      this.release(oldest);
      oldest.destroy();
    }
  }

  release(body: Body): void {
    this.held -= this.bodies.get(body) ?? 0;
    this.bodies.delete(body);
  }
}
