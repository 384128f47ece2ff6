import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  head: string;
  body: string;
}

const PATIENCE_MS = 20_000;
const HEAD_END = '\r\n\r\n';

/** The first whole answer of these bytes and how many it took; nothing while it is not whole. */
function readAnswer(bytes: Buffer, toHead: boolean): { answer: RawAnswer; length: number } | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = bytes.subarray(0, end).toString('latin1');
  const status = Number(head.match(/^HTTP\/1\.1 (\d{3}) /)?.[1]);
  if (!status) throw new Error(`no answer of HTTP: ${head.slice(0, 200)}`);
  const reported = Number(head.match(/^content-length: (\d+)$/im)?.[1] ?? 0);
  if (/^transfer-encoding:/im.test(head)) throw new Error(`an answer in chunks: ${head}`);
  const length = end + HEAD_END.length + (toHead || status === 204 || status === 304 ? 0 : reported);
  if (bytes.length < length) return undefined;
  const body = bytes.subarray(end + HEAD_END.length, length).toString('utf8');
  return { answer: { status, head, body }, length };
}

/** One connection that is kept alive as long as the server keeps it; requests go one after another. */
export class Connection {
  private socket: Socket | undefined;

  constructor(private readonly port: number) {}

  /** Sends a request whose framing is whole; exactly one answer. */
  ask(bytes: Buffer, toHead = false): Promise<RawAnswer> {
    return this.exchange(bytes, toHead).catch((error: NodeJS.ErrnoException) => {
      // The server may have closed an idle connection at the moment of writing.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') throw error;
      return this.exchange(bytes, toHead);
    });
  }

  private exchange(bytes: Buffer, toHead: boolean): Promise<RawAnswer> {
    const socket = this.open();
    return new Promise((resolve, reject) => {
      let got = Buffer.alloc(0);
      const settle = (act: () => void) => {
        clearTimeout(patience);
        socket.off('data', take).off('error', fail).off('close', gone);
        act();
      };
      const fail = (error: Error) => settle(() => reject(error));
      const gone = () =>
        fail(Object.assign(new Error(`closed after ${got.length} bytes`), { code: 'EPIPE' }));
      const take = (chunk: Buffer) => {
        got = Buffer.concat([got, chunk]);
        try {
          const read = readAnswer(got, toHead);
          if (!read) return;
          if (/^connection: close$/im.test(read.answer.head)) this.close();
          settle(() => resolve(read.answer));
        } catch (error) {
          fail(error as Error);
        }
      };
      const patience = setTimeout(() => fail(new Error(`no answer in ${PATIENCE_MS} ms`)), PATIENCE_MS);
      socket.on('data', take).on('error', fail).on('close', gone);
      socket.write(bytes);
    });
  }

  private open(): Socket {
    if (this.socket && !this.socket.destroyed && this.socket.writable) return this.socket;
    this.socket = connect(this.port, '127.0.0.1').setNoDelay();
    this.socket.on('error', () => undefined);
    return this.socket;
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }
}

/** Sends bytes whose framing may be anything on a connection of their own, and no more: all answers until it closes. */
export function askBroken(port: number, bytes: Buffer): Promise<RawAnswer[]> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(bytes));
    const patience = setTimeout(() => {
      socket.destroy();
      reject(new Error(`not closed in ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
    socket.on('data', (chunk) => chunks.push(chunk));
    // A reset is a way to close; what was answered before it counts.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(patience);
      try {
        resolve(answersIn(Buffer.concat(chunks)));
      } catch (error) {
        reject(error);
      }
    });
  });
}

function answersIn(bytes: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const read = readAnswer(rest, false);
    if (!read) break;
    answers.push(read.answer);
    rest = rest.subarray(read.length);
  }
  return answers;
}
