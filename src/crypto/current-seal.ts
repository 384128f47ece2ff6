import { Injectable } from '@nestjs/common';
import { PeppersRepository } from './peppers.repository.js';
import { Sealer } from './sealer.js';

/**
 * Seals under the master key that seals the database at this moment, which one row tells for all, because a rotation
 * moves them together. It is asked inside a change of the configuration, where a rotation waits its turn.
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
