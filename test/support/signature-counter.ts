import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** Counts the signatures that a server checks; `env` starts the server with it. */
export class SignatureCounter {
  private readonly socket = join(tmpdir(), `latchkey-signatures-${randomUUID()}.sock`);
  readonly env = {
    NODE_OPTIONS: `--import ${new URL('./signature-counter.mjs', import.meta.url).href}`,
    TEST_SIGNATURE_SOCKET: this.socket,
  };

  /** The number of checks during this work. */
  async checksOf(work: () => Promise<unknown>): Promise<number> {
    const before = await this.count();
    await work();
    return (await this.count()) - before;
  }

  private async count(): Promise<number> {
    return Number(await text(connect(this.socket)));
  }
}
