import { Injectable } from '@nestjs/common';
import type { Client } from '../client.js';
import type { Assertion } from './assertion.js';
import { decoyKeys } from './decoy-keys.js';
import { RemoteKeys } from './remote-keys.js';
import { type Verdict, VerifyingKeys } from './verifying-keys.js';

/** Finds the keys that a client's assertions are verified with: registered, published, or nobody's. */
@Injectable()
export class ClientKeys {
  /** By the client as it was read, so that a change of it makes them worthless. */
  private readonly registered = new WeakMap<Client, VerifyingKeys>();
  private readonly nobody = new VerifyingKeys(decoyKeys());

  constructor(private readonly remote: RemoteKeys) {}

  async judge(client: Client | undefined, assertion: Assertion): Promise<Verdict> {
    if (client?.jwksUri) return this.remote.judge(client.jwksUri, assertion);
    return this.registeredKeys(client).judge(assertion);
  }

  private registeredKeys(client: Client | undefined): VerifyingKeys {
    if (!client?.jwks) return this.nobody;
    let keys = this.registered.get(client);
    if (!keys) {
      keys = new VerifyingKeys(client.jwks);
      this.registered.set(client, keys);
    }
    return keys;
  }
}
