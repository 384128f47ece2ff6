import { Injectable } from '@nestjs/common';
import { claimNameFault, claimValueFault } from '../../clients/federation/claim-demand.js';
import { fitsAnySubject, isPattern } from '../../clients/federation/subject-pattern.js';
import type { FederatedRule, TrustedIssuer } from '../../clients/federation/trusted-issuer.js';
import { TrustedIssuersRepository } from '../../clients/federation/trusted-issuers.repository.js';
import { isId } from '../../protocol/identifier.js';
import type { Fault } from '../../protocol/problem.js';
import { itemPath, memberPath } from '../documents/member-path.js';
import { isObject, type JsonObject } from '../documents/merge-patch.js';
import type { FederatedRuleMembers } from './federated-rule.dto.js';

/** The issuers that the rules of a body name, as written, and what is wrong with the rules besides their members. */
export interface RuleReading {
  faults: Fault[];
  issuers: ReadonlyMap<string, TrustedIssuer>;
}

/** Reads the rules by which tokens of trusted issuers authenticate a client. */
@Injectable()
export class FederatedRules {
  constructor(private readonly issuers: TrustedIssuersRepository) {}

  async read(list: unknown): Promise<RuleReading> {
    const rules = (Array.isArray(list) ? list : []).map((rule: unknown) => (isObject(rule) ? rule : {}));
    const issuers = new Map<string, TrustedIssuer>();
    for (const name of new Set(rules.map(({ issuer }) => issuer))) {
      const found = typeof name === 'string' && name !== '' ? await this.find(name) : null;
      if (found) issuers.set(name as string, found);
    }
    const faults = rules.flatMap((rule, position) =>
      faultsOf(rule, issuers).map(({ path, message }) => ({
        path: memberPath(itemPath('federated', position), path),
        message,
      })),
    );
    return { faults, issuers };
  }

  private find(name: string): Promise<TrustedIssuer | null> {
    return isId(name) ? this.issuers.find(name) : this.issuers.withIssuer(name);
  }
}

export const rulesOf = (
  members: readonly FederatedRuleMembers[],
  issuers: RuleReading['issuers'],
): FederatedRule[] =>
  members.map(({ issuer, subject, claims = {} }) => ({
    ...{ issuer, issuerId: issuers.get(issuer)?.id ?? '', subject, claims },
  }));

/** Why a rule does not keep strangers out of a shared issuer; undefined if it does, or the issuer is not shared. */
export function pinFault(
  { subject, claims }: { subject?: unknown; claims?: unknown },
  { shared, pins, id }: Pick<TrustedIssuer, 'shared' | 'pins' | 'id'>,
): string | undefined {
  if (!shared) return undefined;
  const isPinned = pins.some((pin) =>
    pin === 'sub'
      ? typeof subject === 'string' && !isPattern(subject)
      : isObject(claims) && Object.hasOwn(claims, pin),
  );
  return isPinned
    ? undefined
    : `must contain one of ${pins.join(', ')}: TrustedIssuer ${id} serves strangers as well`;
}

function faultsOf(rule: JsonObject, issuers: RuleReading['issuers']): Fault[] {
  const { issuer: name, subject, claims } = rule;
  if (typeof name !== 'string') return [];
  const issuer = issuers.get(name);
  if (!issuer) return [{ path: 'issuer', message: 'is not the id or the issuer of a TrustedIssuer' }];
  const faults = isObject(claims) ? claimFaults(claims) : [];
  const pin = pinFault(rule, issuer);
  if (pin !== undefined) faults.push({ path: 'claims', message: pin });
  const isOpen = typeof subject === 'string' && fitsAnySubject(subject);
  if (isOpen && (!isObject(claims) || Object.keys(claims).length === 0))
    faults.push({
      path: 'subject',
      message: 'fits every token of the issuer: add claims, or name a subject',
    });
  return faults;
}

const claimFaults = (claims: JsonObject): Fault[] =>
  Object.entries(claims).flatMap(([name, value]) => {
    const message = claimNameFault(name) ?? claimValueFault(value);
    return message === undefined ? [] : [{ path: memberPath('claims', name), message }];
  });
