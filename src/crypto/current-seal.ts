import { Injectable } from '@nestjs/common';
import { PeppersRepository } from './peppers.repository.js';
import { Sealer } from './sealer.js';

/**
 * Seals under the master key currently in use. One row identifies it for all, because a rotation reseals all rows
 * together. Read inside a configuration change, which a rotation waits for.
 */
@Injectable()
export class CurrentSeal {
  constructor(
    private readonly peppers: PeppersRepository,
    private readonly sealer: Sealer,
  ) {}

  async seal(purpose: string, plain: Buffer): Promise<string> {
    const [oldest] = await this.peppers.sealedRows();
    return oldest ? this.sealer.sealLike(oldest.sealed, purpose, plain) : this.sealer.seal(purpose, plain);
  }
}
