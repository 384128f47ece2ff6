import { createHash } from 'node:crypto';

/** A key that seals other keys, and nothing else. */
export interface MasterKey {
  /** Names the key without telling it, so that what another key has sealed is recognised. */
  readonly id: string;
  readonly bytes: Buffer;
}

export function masterKeyOf(bytes: Buffer): MasterKey {
  const hash = createHash('sha256').update('latchkey master key id').update(bytes);
  return { id: hash.digest('base64url').slice(0, 8), bytes };
}

/** The master keys that this process may use: all of them open, and while nothing is sealed yet the first one seals. */
export class MasterKeys {
  private keys: readonly MasterKey[];

  constructor(
    bytes: readonly Buffer[],
    /** Reads them anew where they can change under a running server; absent when they are a setting. */
    private readonly reread?: () => readonly Buffer[],
    /** Where they come from, for whoever has to mend it. */
    readonly place = 'this',
  ) {
    this.keys = bytes.map(masterKeyOf);
  }

  get first(): MasterKey {
    const [first] = this.keys;
    if (!first) throw new Error('there is no master key');
    return first;
  }

  /** The key of this id; a rotation may have brought it in since the last look. */
  find(id: string): MasterKey | undefined {
    return this.known(id) ?? (this.reread ? this.lookAgain(id, this.reread) : undefined);
  }

  private known(id: string): MasterKey | undefined {
    return this.keys.find((key) => key.id === id);
  }

  private lookAgain(id: string, reread: () => readonly Buffer[]): MasterKey | undefined {
    const fresh = reread().map(masterKeyOf);
    this.keys = [...fresh, ...this.keys.filter((old) => fresh.every((key) => key.id !== old.id))];
    return this.known(id);
  }
}
