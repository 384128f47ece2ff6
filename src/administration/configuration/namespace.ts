import { Injectable } from '@nestjs/common';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { issuerNames } from '../../config/issuer-settings.js';
import { Settings } from '../../config/settings.js';
import { isId } from '../../protocol/identifier.js';
import { conflict } from '../../protocol/problem.js';
import { normalizedAudience } from '../../resources/audience-spelling.js';
import type { Catalog } from '../../resources/catalog.js';
import { ResourcesRepository } from '../../resources/resources.repository.js';

/** Client ids, audiences and issuers share one namespace, since each of them can be in a token's `aud`. */
@Injectable()
export class Namespace {
  private readonly issuers: ReadonlySet<string>;
  private readonly normalizedIssuers: ReadonlySet<string>;

  constructor(
    private readonly clients: ClientsRepository,
    private readonly resources: ResourcesRepository,
    settings: Settings,
  ) {
    this.issuers = issuerNames(settings);
    this.normalizedIssuers = new Set(Array.from(this.issuers, normalizedAudience));
  }

  /** Throws 409 if a new client cannot have this id. */
  async assertFreeClientId(id: string): Promise<void> {
    if (this.issuers.has(id)) throw conflict(`${id} is an issuer of this server`);
    if (await this.resources.hasAudience(id)) throw conflict(`${id} is the audience of a resource`);
  }

  /** Throws 409 if a resource cannot register this audience. */
  async assertFreeAudience(audience: string): Promise<void> {
    if (this.normalizedIssuers.has(normalizedAudience(audience)))
      throw conflict(`${audience} is an issuer of this server`);
    if (isId(audience) && (await this.clients.find(audience)))
      throw conflict(`${audience} is the id of a client`);
  }

  /** Throws 409 for a second spelling of an audience: requests for the two could not be distinguished. */
  assertOneSpelling(audience: string, others: Catalog): void {
    const spelling = others.registeredSpelling(audience) ?? audience;
    if (spelling !== audience)
      throw conflict(`${audience} is another spelling of the audience ${spelling}: use that one`);
  }

  /** Throws 409 if requests that name the `uri` of a resource would mean another audience. */
  assertFreeUri(uri: string, audience: string | null, others: Catalog): void {
    if (this.normalizedIssuers.has(normalizedAudience(uri)))
      throw conflict(`the uri ${uri} is an issuer of this server`);
    const registered = others.registeredSpelling(uri) ?? audience;
    if (registered !== audience)
      throw conflict(`the uri ${uri} stands for the audience ${registered} already`);
  }
}
