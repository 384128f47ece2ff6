import type { IssuerDocument, ResourceDocument } from '../../api/documents.ts';
import { issuerFor, type Proof, proofMembers } from './proofs.ts';

export interface Answers {
  id: string;
  name: string;
  proof: Proof;
  given: Record<string, string>;
  /** Chosen operations, as `resource:operation`. */
  chosen: ReadonlySet<string>;
}

interface Entry {
  request: { method: string; url: string };
  resource: Record<string, unknown>;
}

/** The client, the policy that permits what was chosen, and the issuer if it is not trusted yet: all or none. */
export function bundleOf(answers: Answers, resources: ResourceDocument[], issuers: IssuerDocument[]): object {
  const { id, name, proof, given, chosen } = answers;
  const issuer = issuerFor(proof, given, issuers);
  const rules = rulesOf(chosen, resources);
  const audience = audiencesOf(rules, resources);
  const client: Entry = {
    request: { method: 'POST', url: 'Client' },
    resource: {
      id,
      ...(name === '' ? {} : { name }),
      grant_types: ['client_credentials'],
      ...proofMembers(proof, given, issuer?.id ?? ''),
      ...(audience.length === 0 ? {} : { auth: { client_credentials: { audience } } }),
    },
  };
  const policy: Entry = {
    request: { method: 'POST', url: 'AccessPolicy' },
    resource: { id, engine: 'rules', link: [{ resourceType: 'Client', id }], rules },
  };
  const trusted: Entry[] =
    issuer?.document === undefined
      ? []
      : [{ request: { method: 'PUT', url: `TrustedIssuer/${issuer.id}` }, resource: issuer.document }];
  return { type: 'transaction', entry: [...trusted, client, ...(rules.length === 0 ? [] : [policy])] };
}

interface Rule {
  effect: 'allow';
  resource: string;
  identifier: '*';
  operations: string[];
}

function rulesOf(chosen: ReadonlySet<string>, resources: ResourceDocument[]): Rule[] {
  return resources.flatMap(({ id, operations = [] }) => {
    const names = operations.map(({ name }) => name).filter((name) => chosen.has(`${id}:${name}`));
    return names.length === 0
      ? []
      : [{ effect: 'allow', resource: id, identifier: '*', operations: names } as Rule];
  });
}

function audiencesOf(rules: Rule[], resources: ResourceDocument[]): string[] {
  const used = resources.filter(({ id }) => rules.some(({ resource }) => resource === id));
  const named = [...new Set(used.map(({ audience, uri }) => audience ?? uri))];
  // Without a list the server's own audience, that of resources without one, is permitted as well.
  return named.every((audience) => audience === undefined)
    ? []
    : named.map((audience) => audience ?? `${location.origin}/`);
}
