import type { IssuerDocument } from '../../api/documents.ts';

export type Proof = 'secret' | 'github' | 'kubernetes' | 'spiffe' | 'key';

interface FieldOfProof {
  name: string;
  label: string;
  hint?: string;
}

interface ProofChoice {
  name: string;
  about: string;
  fields: FieldOfProof[];
}

/** The ways in which a client can authenticate, with the input that each needs. */
export const PROOFS: Record<Proof, ProofChoice> = {
  secret: { name: 'A secret', about: 'Generated here and shown once. Works everywhere.', fields: [] },
  github: {
    name: 'GitHub Actions',
    about: 'The token of the job. No secret to store.',
    fields: [
      { name: 'subject', label: 'Subject', hint: 'repo:acme/shop:ref:refs/heads/main, with * within a part' },
      {
        name: 'owner',
        label: 'Repository owner id',
        hint: 'gh api users/acme --jq .id: a name can be taken by others',
      },
    ],
  },
  kubernetes: {
    name: 'Kubernetes',
    about: 'The token of a service account.',
    fields: [
      {
        name: 'issuer',
        label: 'Issuer of the cluster',
        hint: 'kubectl get --raw /.well-known/openid-configuration',
      },
      { name: 'subject', label: 'Subject', hint: 'system:serviceaccount:namespace:name' },
    ],
  },
  spiffe: {
    name: 'SPIFFE',
    about: 'A JWT-SVID of the workload.',
    fields: [
      { name: 'issuer', label: 'Trust domain', hint: 'spiffe://example.org' },
      { name: 'jwks_uri', label: 'Bundle endpoint', hint: 'https://spire.example.org/keys' },
      { name: 'subject', label: 'SPIFFE ID', hint: 'spiffe://example.org/ns/shop/sa/api' },
    ],
  },
  key: {
    name: 'A key of its own',
    about: 'It signs an assertion each time (private_key_jwt).',
    fields: [
      { name: 'jwks_uri', label: 'Address of its public keys', hint: 'https://client.example/jwks.json' },
    ],
  },
};

type Given = Record<string, string>;

const GITHUB = 'https://token.actions.githubusercontent.com';

/** The members of the client for this method. */
export function proofMembers(proof: Proof, given: Given, issuerId: string): Record<string, unknown> {
  const { subject, owner = '', jwks_uri } = given;
  switch (proof) {
    case 'secret':
      return {};
    case 'key':
      return { token_endpoint_auth_method: 'private_key_jwt', jwks_uri };
    case 'github':
      return { federated: [{ issuer: issuerId, subject, claims: { repository_owner_id: owner } }] };
    default:
      return { federated: [{ issuer: issuerId, subject }] };
  }
}

interface NeededIssuer {
  id: string;
  /** Absent if the server trusts it already. */
  document?: Record<string, unknown>;
}

/** The trusted issuer that such a client needs; registered with it if none has this `issuer`. */
export function issuerFor(proof: Proof, given: Given, known: IssuerDocument[]): NeededIssuer | undefined {
  if (proof === 'secret' || proof === 'key') return undefined;
  const issuer = proof === 'github' ? GITHUB : (given.issuer ?? '');
  const found = known.find((one) => one.issuer === issuer);
  if (found !== undefined) return { id: found.id };
  const taken = new Set(known.map(({ id }) => id));
  const id = taken.has(proof) ? `${proof}-${known.length + 1}` : proof;
  return { id, document: { issuer, ...ISSUER_MEMBERS[proof](given) } };
}

const ISSUER_MEMBERS = {
  github: () => ({
    name: 'GitHub Actions',
    algs: ['RS256'],
    max_lifetime_seconds: 900,
    shared: true,
    pins: ['repository_owner_id', 'repository_id'],
  }),
  kubernetes: () => ({ name: 'Kubernetes', replay: 'reuse', max_lifetime_seconds: 86_400 }),
  spiffe: ({ jwks_uri }: Given) => ({ name: 'SPIFFE', jwks_uri, replay: 'reuse' }),
};
