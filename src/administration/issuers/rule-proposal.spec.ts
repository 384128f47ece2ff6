import { describe, expect, it } from 'vitest';
import { proposeRule } from './rule-proposal.js';

const GITHUB = {
  id: 'github',
  issuer: 'https://token.actions.githubusercontent.com',
  shared: true,
  pins: ['repository_owner_id'],
};
const OWN = { id: 'cluster', issuer: 'https://cluster.example', shared: false, pins: [] };
const JOB = {
  sub: 'repo:acme/app:ref:refs/heads/main',
  repository_owner: 'acme',
  repository_owner_id: '42',
  repository_id: '4711',
  run_id: '99',
};

describe('The rule proposed for a token', () => {
  it('fixes the subject and, at a shared issuer, the pins and lasting ids', () => {
    expect(proposeRule(GITHUB, JOB)).toEqual({
      rule: {
        issuer: 'github',
        subject: JOB.sub,
        claims: { repository_owner_id: '42', repository_id: '4711' },
      },
      warnings: [],
    });
  });

  it('fixes the subject alone at an issuer of its own', () => {
    const { rule, warnings } = proposeRule(OWN, JOB);
    expect(rule).toEqual({ issuer: 'cluster', subject: JOB.sub, claims: {} });
    expect(warnings).toEqual([]);
  });

  it('fixes lasting ids at a public issuer that is not marked as shared', () => {
    const { rule } = proposeRule({ ...GITHUB, shared: false, pins: [] }, JOB);
    expect(rule?.claims).toEqual({ repository_owner_id: '42', repository_id: '4711' });
  });

  it('warns where only names keep strangers out', () => {
    const byName = { ...GITHUB, pins: ['repository_owner'] };
    const { rule, warnings } = proposeRule(byName, { sub: JOB.sub, repository_owner: 'acme' });
    expect(rule?.claims).toEqual({ repository_owner: 'acme' });
    expect(warnings).toEqual([
      'only names are fixed, and a stranger may register a name once it is given up: fix an id',
    ]);
  });

  it('reads a pin by its JSON Pointer, and takes no list or object for a value', () => {
    const nested = { ...GITHUB, pins: ['/kubernetes.io/namespace', 'groups'] };
    const claims = { sub: 'a', 'kubernetes.io': { namespace: 'shop' }, groups: ['one'] };
    expect(proposeRule(nested, claims).rule?.claims).toEqual({ '/kubernetes.io/namespace': 'shop' });
  });

  it.each([
    [
      'has none of the pins of a shared issuer',
      { sub: 'repo:acme/app', repository_id: '4711' },
      /none of its pins/,
    ],
    ['has a sub that would be a pattern', { ...JOB, sub: 'repo:acme/*' }, /contains \*/],
  ])('is none for a token that %s', (_, claims, reason) => {
    const { rule, warnings } = proposeRule(GITHUB, claims);
    expect(rule).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(reason)]);
  });
});
