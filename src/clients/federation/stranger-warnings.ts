import { isPattern } from './subject-pattern.js';
import type { FederatedRule, TrustedIssuer } from './trusted-issuer.js';

/** Issuers with open registration. */
const PUBLIC_ISSUERS = [
  /^https:\/\/token\.actions\.githubusercontent\.com(\/|$)/,
  /^https:\/\/gitlab\.com$/,
  /^https:\/\/accounts\.google\.com$/,
  /^https:\/\/agent\.buildkite\.com$/,
  /^https:\/\/app\.terraform\.io$/,
  /^https:\/\/oidc\.circleci\.com(\/|$)/,
  /^https:\/\/api\.bitbucket\.org(\/|$)/,
  /^https:\/\/oidc\.vercel\.com(\/|$)/,
];

/** A claim that identifies by something which is never given to another. */
const LASTING = /(^|[_/.-])(id|uid|uuid|number|account)$/i;

/** Why a trusted issuer might let strangers in, whatever the rules. */
export function issuerWarnings({ issuer, shared }: Pick<TrustedIssuer, 'issuer' | 'shared'>): string[] {
  if (shared || !PUBLIC_ISSUERS.some((known) => known.test(issuer))) return [];
  return [
    'anyone can get tokens of this issuer: set shared and pins, so that every rule fixes whose they are',
  ];
}

/** Why a rule might fit tokens of strangers. */
export function ruleWarnings(
  { subject, claims }: Pick<FederatedRule, 'subject' | 'claims'>,
  issuer: Pick<TrustedIssuer, 'issuer' | 'shared' | 'pins'>,
): string[] {
  const warnings: string[] = [];
  const literal = subject.slice(0, subject.indexOf('*'));
  const isOpen = isPattern(subject);
  const names = Object.keys(claims);
  const isKnown = issuer.shared || issuerWarnings(issuer).length > 0;
  if (isOpen && names.length === 0)
    warnings.push(
      'the subject is a pattern and no claim is demanded: every token whose sub has this form fits',
    );
  if (isOpen && literal !== '' && !/[:/]$/.test(literal))
    warnings.push(`${literal}* also fits longer names of others: end the literal part with : or /`);
  if (isOpen && literal === '' && names.length > 0)
    warnings.push('the subject begins with a wildcard: only the claims keep strangers out');
  if (isKnown && !names.some((name) => LASTING.test(name)))
    warnings.push('only names are fixed, and a stranger may register a name once it is given up: fix an id');
  return warnings;
}
