import { Injectable } from '@nestjs/common';
import { ClientType } from '../clients/client-type.js';
import type { ConfigurationTypeName } from '../configuration/configuration-audit.js';
import { IssuerType } from '../issuers/issuer-type.js';
import { PolicyType } from '../policies/policy-type.js';
import { ResourceType } from '../resources/resource-type.js';
import type { AnyType } from './bundle-steps.js';

/** The types that a Bundle writes, each before those whose documents refer to it. */
@Injectable()
export class BundleTypes {
  private readonly byName: ReadonlyMap<ConfigurationTypeName, AnyType>;

  constructor(issuers: IssuerType, clients: ClientType, resources: ResourceType, policies: PolicyType) {
    const types: AnyType[] = [issuers, clients, resources, policies];
    this.byName = new Map(types.map((type) => [type.name, type]));
  }

  get names(): ConfigurationTypeName[] {
    return [...this.byName.keys()];
  }

  of(name: ConfigurationTypeName): AnyType {
    return this.byName.get(name) as AnyType;
  }
}
