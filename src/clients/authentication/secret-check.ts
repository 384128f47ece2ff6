import { Injectable } from '@nestjs/common';
import { isMadeSecret } from '../../crypto/handle.js';
import { SecretHasher } from '../../crypto/secret-hasher.js';
import { InvalidClient, WrongCredential } from '../../protocol/invalid-client.js';
import type { RegisteredSecret } from '../registered-client.js';
import { AcceptedSecrets } from './accepted-secrets.js';
import { AuthenticationThrottle } from './authentication-throttle.js';
import { ImportedSecrets } from './imported-secrets.js';
import { type PresentedSecret, readingsOf, textOf, wrongSecret } from './presented-secret.js';
import { WrongSecrets } from './wrong-secrets.js';

const MAX_SECRET_CHARACTERS = 255;

/** Checks a secret that was not verified before: within the limits, hashed at most once and counted at most once. */
@Injectable()
export class SecretCheck {
  private readonly wrong = new WrongSecrets();

  constructor(
    private readonly hasher: SecretHasher,
    private readonly limits: AuthenticationThrottle,
    private readonly accepted: AcceptedSecrets,
    private readonly imported: ImportedSecrets,
  ) {}

  /**
   * Finds the matching secret; throws WrongCredential or TooManyFailures. `verified`: the secret that an equal credential
   * was verified against meanwhile.
   */
  async run(
    presented: PresentedSecret,
    address: string,
    verified: () => RegisteredSecret | undefined,
  ): Promise<RegisteredSecret> {
    const { clientId, clientSecret, registered, digest } = presented;
    const attempt = { clientId, address, registered: registered !== undefined };
    if (isMadeSecret(clientSecret)) return this.limits.run(attempt, () => this.verify(presented, address));
    const repeats = this.wrong.repeat(digest, address);
    if (repeats) {
      this.limits.assertNotRepeated(attempt, repeats);
      throw wrongSecret(presented);
    }
    // Only where a slow hash follows, so that its time does not distinguish a registered id from an unknown one.
    const accepted = this.acceptedSecret(presented);
    if (accepted) return accepted;
    const guess = this.hasher.fingerprint(`${address}\0${textOf(presented, registered, presented.secrets)}`);
    const plausible = readingsOf(presented).some(isShortEnough);
    return this.limits.runGuess(attempt, guess, plausible, () =>
      this.verifyGuess(presented, address, verified),
    );
  }

  /** The same secret may have been checked while this request waited: then it is neither hashed nor counted again. */
  private async verifyGuess(
    presented: PresentedSecret,
    address: string,
    verified: () => RegisteredSecret | undefined,
  ): Promise<RegisteredSecret> {
    const cached = verified();
    if (cached) return cached;
    if (this.wrong.has(presented.digest, address))
      throw new InvalidClient('wrong secret', presented.registered !== undefined);
    try {
      return await this.verify(presented, address);
    } catch (error) {
      if (!(error instanceof WrongCredential) || this.wrong.add(presented.digest, address)) throw error;
      throw new InvalidClient(error.explanation, error.registered);
    }
  }

  private async verify(presented: PresentedSecret, address: string): Promise<RegisteredSecret> {
    for (const reading of readingsOf(presented)) {
      if (!isShortEnough(reading)) continue;
      const secret = await this.hasher.find(reading, presented.secrets, address);
      if (!secret) continue;
      await this.imported.adopt(presented.clientId, secret, reading);
      return secret;
    }
    throw wrongSecret(presented);
  }

  /** The secret that this process itself has stored or found in the settings. */
  private acceptedSecret(presented: PresentedSecret): RegisteredSecret | undefined {
    const readings = readingsOf(presented);
    return presented.secrets.find(({ id }) => readings.some((reading) => this.accepted.has(id, reading)));
  }
}

const isShortEnough = (reading: string): boolean => [...reading].length <= MAX_SECRET_CHARACTERS;
