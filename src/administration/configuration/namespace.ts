import { Injectable } from '@nestjs/common';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { issuerNames } from '../../config/issuer-settings.js';
import { Settings } from '../../config/settings.js';
import { isId } from '../../protocol/identifier.js';
import { conflict } from '../../protocol/problem.js';
import { ResourcesRepository } from '../../resources/resources.repository.js';

/** Client ids, audiences and issuers share one namespace, since each of them can be in a token's `aud`. */
@Injectable()
export class Namespace {
  private readonly issuers: ReadonlySet<string>;

  constructor(
    private readonly clients: ClientsRepository,
    private readonly resources: ResourcesRepository,
    settings: Settings,
  ) {
    this.issuers = issuerNames(settings);
  }

  /** Throws 409 if a new client cannot have this id. */
  async assertFreeClientId(id: string): Promise<void> {
    if (this.issuers.has(id)) throw conflict(`${id} is an issuer of this server`);
    if (await this.resources.hasAudience(id)) throw conflict(`${id} is the audience of a resource`);
  }

  /** Throws 409 if a resource cannot register this audience. */
  async assertFreeAudience(audience: string): Promise<void> {
    if (this.issuers.has(audience)) throw conflict(`${audience} is an issuer of this server`);
    if (isId(audience) && (await this.clients.find(audience)))
      throw conflict(`${audience} is the id of a client`);
  }
}
