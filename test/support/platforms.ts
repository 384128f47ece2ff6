import { randomUUID } from 'node:crypto';
import { issuerOf, nowSeconds, Signer } from './assertions.js';
import { NATIVE } from './dialects.js';
import { type Answer, form } from './http.js';
import { KeyServer, makeCertificate } from './key-server.js';
import { aClient, register, type TestClient } from './registration.js';
import type { TestServer } from './server.js';

type Members = Record<string, unknown>;

export const JWT_SPIFFE = 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe';
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The claims of a kind of platform, and a rule that one of its workloads fits. */
export interface Kind {
  name: string;
  claims: Members;
  rule: { subject: string; claims?: Members };
  /** The same claims with one changed, which the rule must not fit. */
  stranger: Members;
}

export const GITHUB: Kind = {
  name: 'GitHub',
  claims: {
    sub: 'repo:acme/shop:ref:refs/heads/main',
    ref: 'refs/heads/main',
    sha: '51d31ba0cb3d3c0c3d4a0e9c7d4c9a5a0f1f2b3c',
    repository: 'acme/shop',
    repository_owner: 'acme',
    repository_owner_id: '65',
    repository_id: '74',
    run_id: '88',
    event_name: 'push',
    ref_protected: 'true',
    job_workflow_ref: 'acme/shop/.github/workflows/deploy.yml@refs/heads/main',
    runner_environment: 'github-hosted',
  },
  rule: {
    subject: 'repo:acme/*:ref:refs/heads/main',
    claims: { repository_owner_id: '65', event_name: ['push', 'workflow_dispatch'] },
  },
  // The name of a deleted organisation, registered again.
  stranger: { repository_owner_id: '66' },
};

const POD = {
  namespace: 'shop',
  node: { name: 'node-1', uid: '646e7c5e' },
  pod: { name: 'api-1', uid: '5e0bd49b' },
  serviceaccount: { name: 'api', uid: '14ee3fa4' },
  warnafter: 1700003607,
};

export const KUBERNETES: Kind = {
  name: 'Kubernetes',
  claims: { sub: 'system:serviceaccount:shop:api', 'kubernetes.io': POD },
  rule: {
    subject: 'system:serviceaccount:shop:*',
    claims: { '/kubernetes.io/namespace': 'shop', '/kubernetes.io/serviceaccount/name': 'api' },
  },
  stranger: { 'kubernetes.io': { ...POD, serviceaccount: { name: 'web', uid: '14ee3fa5' } } },
};

const AWS_NAMESPACE = 'https://sts.amazonaws.com/';
const AWS_CLAIMS = {
  aws_account: '123456789012',
  source_region: 'us-east-1',
  org_id: 'o-abc1234567',
  principal_tags: { environment: 'production', team: 'data' },
};

export const AWS: Kind = {
  name: 'AWS',
  claims: { sub: 'arn:aws:iam::123456789012:role/DataProcessing', [AWS_NAMESPACE]: AWS_CLAIMS },
  rule: {
    subject: 'arn:aws:iam::123456789012:role/*',
    claims: {
      '/https:~1~1sts.amazonaws.com~1/aws_account': '123456789012',
      '/https:~1~1sts.amazonaws.com~1/principal_tags/environment': 'production',
    },
  },
  stranger: { [AWS_NAMESPACE]: { ...AWS_CLAIMS, principal_tags: { environment: 'test' } } },
};

export const GITLAB: Kind = {
  name: 'GitLab',
  claims: {
    sub: 'project_path:acme/shop:ref_type:branch:ref:main',
    namespace_id: '72',
    project_id: '20',
    project_path: 'acme/shop',
    ref: 'main',
    ref_type: 'branch',
    ref_protected: 'true',
    runner_id: 1,
    runner_environment: 'self-hosted',
  },
  rule: { subject: 'project_path:acme/**', claims: { ref_protected: 'true', runner_id: 1 } },
  stranger: { ref_protected: 'false' },
};

export const KINDS = [GITHUB, KUBERNETES, AWS, GITLAB];

/** A fake platform that issues tokens to its workloads and publishes its keys over HTTPS or HTTP. */
export class Platform {
  signer: Signer;
  private published: object[];
  /** The issuer in its metadata. */
  named: string;
  isAway = false;

  private constructor(
    readonly place: KeyServer,
    readonly ca: string | undefined,
    signer: Signer,
  ) {
    this.signer = signer;
    this.published = [signer.jwk];
    this.named = this.issuer;
    place.answer((response) => {
      if (this.isAway) {
        response.destroy();
        return;
      }
      const isMetadata = response.req.url === '/.well-known/openid-configuration';
      const metadata = { issuer: this.named, jwks_uri: this.jwksUri };
      response.end(JSON.stringify(isMetadata ? metadata : { keys: this.published }));
    });
  }

  static async start({ https = false, alg = 'RS256', jwk = {} } = {}): Promise<Platform> {
    const tls = https ? await makeCertificate() : undefined;
    return new Platform(await KeyServer.start(tls), tls?.cert, await Signer.make(alg, jwk));
  }

  get issuer(): string {
    return this.place.uri('127.0.0.1', '');
  }

  get jwksUri(): string {
    return this.place.uri();
  }

  /** From now on it publishes these keys only. */
  publish(...keys: object[]): void {
    this.published = keys;
  }

  token(server: TestServer, claims: Members, header: Members = {}): Promise<string> {
    const iat = nowSeconds();
    const own = { iss: this.issuer, jti: randomUUID(), iat, exp: iat + 300 };
    return this.signer.sign({ ...own, aud: issuerOf(server, NATIVE), ...claims }, header);
  }

  /** Registers it; without `members` its keys are found by discovery. */
  async trust(server: TestServer, id: string, members: Members = {}): Promise<string> {
    await register(server, 'TrustedIssuer', id, {
      issuer: this.issuer,
      ...(this.ca === undefined || 'jwks' in members ? {} : { ca: this.ca }),
      ...members,
    });
    return id;
  }

  stop(): Promise<void> {
    return this.place.stop();
  }
}

/** A client without a secret, for tokens that fit these rules; it may read books. */
export function aFederatedClient(
  server: TestServer,
  rules: readonly Members[],
  members: Members = {},
): Promise<TestClient> {
  return aClient(server)
    .with({ federated: rules, ...members })
    .withGrant('book:*:read')
    .register();
}

/** A token request with an assertion. */
export const present = (
  server: TestServer,
  assertion: string,
  fields: Record<string, string | undefined> = {},
  path = NATIVE.token,
): Promise<Answer> =>
  form(server.url + path, {
    grant_type: 'client_credentials',
    audience: 'urn:library',
    scope: 'book:1:read',
    client_assertion_type: JWT_BEARER,
    client_assertion: assertion,
    ...fields,
  });
