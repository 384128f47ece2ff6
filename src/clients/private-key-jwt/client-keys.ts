import { Injectable } from '@nestjs/common';
import type { Client } from '../client.js';
import type { Assertion } from './assertion.js';
import { RemoteKeys } from './jwks/remote-keys.js';
import { decoyKeys } from './keys/decoy-keys.js';
import { sourceAt } from './keys/key-source.js';
import { type Verdict, VerifyingKeys } from './keys/verifying-keys.js';

/** Verifies assertions with the keys of the client: registered ones, those at its jwks_uri, or decoys. */
@Injectable()
export class ClientKeys {
  /** By the client object as it was loaded, so that a change of the client invalidates the entry. */
  private readonly registered = new WeakMap<Client, VerifyingKeys>();
  private readonly decoys = new VerifyingKeys(decoyKeys());

  constructor(private readonly remote: RemoteKeys) {}

  async verify(client: Client | undefined, assertion: Assertion): Promise<Verdict> {
    if (client?.jwksUri) return this.remote.verify(sourceAt(client.jwksUri), assertion);
    return this.registeredKeys(client).verify(assertion);
  }

  private registeredKeys(client: Client | undefined): VerifyingKeys {
    if (!client?.jwks) return this.decoys;
    let keys = this.registered.get(client);
    if (!keys) {
      keys = new VerifyingKeys(client.jwks);
      this.registered.set(client, keys);
    }
    return keys;
  }
}
