import { Injectable } from '@nestjs/common';
import { Log } from '../../config/log.js';
import { doubtAbout, weaknessOf } from '../../config/weak-secret.js';
import { isImportedHash } from '../../crypto/imported-hash.js';
import { type SecretHash, SecretHasher } from '../../crypto/secret-hasher.js';
import { DurableWriter, type Statement } from '../../database/durable-writer.js';
import type { RegisteredSecret } from '../registered-client.js';

/** Replaces hashes that other systems made by our own form when their secrets are used. */
@Injectable()
export class ImportedSecrets {
  constructor(
    private readonly hasher: SecretHasher,
    private readonly writer: DurableWriter,
    private readonly log: Log,
  ) {}

  /** Without effect for any other secret. If it fails, the next verification tries again. */
  async adopt(clientId: string, stored: RegisteredSecret, secret: string): Promise<void> {
    if (!isImportedHash(stored.digest)) return;
    const reason = weaknessOf(secret, clientId) ?? doubtAbout(secret);
    if (reason !== undefined) {
      this.log.warn({ event: 'weak_secret', client: clientId, reason }, 'weak client secret');
    }
    try {
      const own = await this.hasher.hash(secret);
      await this.writer.write({ statements: [replacement(stored, own)] });
      // The cached client shares this object, and a change that changes no secret increments no revision.
      stored.pepperId = own.pepperId;
      stored.digest = own.digest;
    } catch (error) {
      this.log.warn(
        { fault: (error as Error).name, client: clientId },
        'imported secret hash not replaced yet',
      );
    }
  }
}

const replacement = ({ id, digest }: RegisteredSecret, own: SecretHash): Statement => ({
  sql: 'UPDATE client_secret SET pepper_id = ?, digest = ? WHERE id = ? AND digest = ?',
  values: [own.pepperId, own.digest, id, digest],
});
