import { Injectable } from '@nestjs/common';
import { OWN_TYPES } from '../../../../packages/protocol/src/own-type.js';
import { Log } from '../../../config/log.js';
import { doubtAbout, weaknessOf } from '../../../config/weak-secret.js';
import type { Fault } from '../../../protocol/problem.js';
import { Permissions } from '../../access/permissions.js';
import type { JsonObject } from '../../documents/merge-patch.js';
import { isSecret } from '../client.dto.js';

/**
 * Checks a chosen secret by the same rules as the administrator's setting. For a client that may administer, by
 * `basic` or by a policy on the server's own types, a weak one is rejected; for any other client it is logged as a
 * warning.
 */
@Injectable()
export class SecretStrength {
  constructor(
    private readonly permissions: Permissions,
    private readonly log: Log,
  ) {}

  async faultsOf(id: string, body: JsonObject): Promise<Fault[]> {
    const { secret, secret_hash: hash } = body;
    if (hash !== undefined && (await this.administers(id, body))) {
      const message =
        'cannot show how strong the secret is, and this client can call the administration API: use `secret`';
      return [{ path: 'secret_hash', message }];
    }
    if (!isSecret(secret)) return [];
    const weakness = weaknessOf(secret, id);
    if (weakness !== undefined && (await this.administers(id, body))) {
      return [
        {
          path: 'secret',
          message: `${weakness}; use a random value, because this client can call the administration API`,
        },
      ];
    }
    const doubt = weakness ?? doubtAbout(secret);
    if (doubt !== undefined)
      this.log.warn({ event: 'weak_secret', client: id, reason: doubt }, 'weak client secret');
    return [];
  }

  private async administers(clientId: string, { grant_types: grants }: JsonObject): Promise<boolean> {
    if (Array.isArray(grants) && grants.includes('basic')) return true;
    for (const type of OWN_TYPES) {
      if (await this.permissions.reach({ clientId }, type)) return true;
    }
    return false;
  }
}
