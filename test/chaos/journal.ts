import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** What a client asks for; `of` is the access token, or the refresh token, that it concerns. */
export type Action = 'issue' | 'refresh' | 'revoke' | 'close';

/** Written before a request is sent. */
export interface Asked {
  id: number;
  action: Action;
  of?: string;
}

/** Written when a request has ended; without a status the connection broke, and the outcome is unknown. */
export interface Answered {
  id: number;
  status?: number;
  access?: string;
  refresh?: string;
}

/** Every session was closed, as by a restore. */
export interface Ended {
  ended: true;
}

export type Entry = Asked | Answered | Ended;

/** What clients have asked and been answered, appended to a file that no server under test knows. */
export class Journal {
  private readonly descriptor: number;
  private last = 0;

  constructor(private readonly file: string) {
    this.descriptor = openSync(file, 'a', 0o600);
  }

  asked(action: Action, of?: string): number {
    const id = ++this.last;
    this.append({ id, action, ...(of === undefined ? {} : { of }) });
    return id;
  }

  answered(answer: Answered): void {
    this.append(answer);
  }

  ended(): void {
    this.append({ ended: true });
  }

  read(): Entry[] {
    const lines = readFileSync(this.file, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Entry);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private append(entry: Entry): void {
    writeSync(this.descriptor, `${JSON.stringify(entry)}\n`);
  }
}
