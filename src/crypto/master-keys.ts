import { createHash } from 'node:crypto';

/** A key used only to seal other keys. */
export interface MasterKey {
  /** Identifies the key without revealing it, so that values sealed by another key are recognised. */
  readonly id: string;
  readonly bytes: Buffer;
}

export function masterKeyOf(bytes: Buffer): MasterKey {
  const hash = createHash('sha256').update('latchkey master key id').update(bytes);
  return { id: hash.digest('base64url').slice(0, 8), bytes };
}

/**
 * The master keys available to this process: all of them unseal, and the first one seals while nothing is sealed yet.
 */
export class MasterKeys {
  private keys: readonly MasterKey[];

  constructor(
    bytes: readonly Buffer[],
    /** Rereads keys that can change while the server runs; absent if they come from a setting. */
    private readonly reread?: () => readonly Buffer[],
    /** Where the keys come from, for error messages. */
    readonly place = 'this',
  ) {
    this.keys = bytes.map(masterKeyOf);
  }

  get first(): MasterKey {
    const [first] = this.keys;
    if (!first) throw new Error('there is no master key');
    return first;
  }

  /** The key with this id; rereads the keys because a rotation may have added it. */
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
