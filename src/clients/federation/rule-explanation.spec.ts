import { describe, expect, it } from 'vitest';
import { explainRule } from './rule-explanation.js';
import { fitsRule } from './rule-fit.js';
import { issuerWarnings, ruleWarnings } from './stranger-warnings.js';
import type { FederatedRule } from './trusted-issuer.js';

const rule = (subject: string, claims: FederatedRule['claims'] = {}): FederatedRule => ({
  issuer: 'github',
  issuerId: 'github',
  subject,
  claims,
});

const ASSERTION = { sub: 'repo:acme/app:x', protected: 'true', id: 74, pod: { name: 'a' }, groups: ['a'] };

describe('The explanation of a rule', () => {
  it.each([
    [rule('repo:acme/*:x', { protected: 'true', groups: ['b', 'a'] }), true, []],
    [rule('repo:acme/*'), false, []],
    [rule('**', { protected: true }), false, ['the assertion has the string, the rule the boolean']],
    [rule('**', { id: '74' }), false, ['the assertion has the number, the rule the string']],
    [rule('**', { pod: 'a' }), false, ['the claim is an object: name the member by a JSON Pointer']],
    [rule('**', { ref: 'a' }), false, ['the assertion has no such claim']],
    [rule('**', { id: 75, '/pod/name': 'a' }), false, ['the claim has another value']],
  ])('%j fits: %s', (one, fits, reasons) => {
    const explained = explainRule(one, ASSERTION);
    expect(explained.fits).toBe(fits);
    expect(explained.fits).toBe(fitsRule(one, ASSERTION));
    expect(explained.claims.flatMap(({ reason }) => reason ?? [])).toEqual(reasons);
  });
});

const GITHUB = {
  issuer: 'https://token.actions.githubusercontent.com',
  shared: true,
  pins: ['repository_id'],
};
const CLUSTER = { issuer: 'https://cluster.example', shared: false, pins: [] };

describe('The warnings of a rule', () => {
  it.each([
    [rule('repo:acme/app:ref:refs/heads/main', { repository_id: '74' }), GITHUB, 0],
    [rule('repo:acme/**', { repository_owner_id: '65' }), GITHUB, 0],
    [rule('repo:acme/**', { repository_owner: 'acme' }), GITHUB, 1],
    [rule('repo:acme/app:ref:refs/heads/main'), GITHUB, 1],
    [rule('repo:acme*', { repository_owner_id: '65' }), GITHUB, 1],
    [rule('**', { repository_owner_id: '65' }), GITHUB, 1],
    [rule('system:serviceaccount:shop:api'), CLUSTER, 0],
    [rule('system:serviceaccount:shop:*', { '/kubernetes.io/namespace': 'shop' }), CLUSTER, 0],
    [rule('system:serviceaccount:shop:*'), CLUSTER, 1],
  ])('%j at %j: %s', (one, issuer, count) => {
    expect(ruleWarnings(one, issuer)).toHaveLength(count);
  });

  it('include those of an issuer that serves everyone and is not shared', () => {
    expect(issuerWarnings({ ...GITHUB, shared: false })).toHaveLength(1);
    expect(issuerWarnings(GITHUB)).toEqual([]);
    expect(issuerWarnings(CLUSTER)).toEqual([]);
  });
});
