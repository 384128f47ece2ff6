import type { IssuerDocument } from '../../api/documents.ts';
import { Card, Facts } from '../../ui/Page.tsx';
import { Time } from '../../ui/Time.tsx';
import { DocumentFrame, EditPage } from '../documents/DocumentFrame.tsx';
import { NewDocument } from '../documents/NewDocument.tsx';
import { AssertionTester } from './AssertionTester.tsx';
import { KeysCard } from './KeysCard.tsx';

export function keysOf({ jwks, jwks_uri }: IssuerDocument): string {
  if (jwks !== undefined) return 'in the document';
  return jwks_uri === undefined ? 'by discovery' : 'at an address';
}

export function IssuerPage() {
  return (
    <DocumentFrame<IssuerDocument> kind="TrustedIssuer">
      {(issuer) => (
        <div className="columns">
          <AssertionTester />
          <div className="stack loose">
            <KeysCard issuer={issuer} />
            <Card title="About">
              <Facts
                of={[
                  ['Issuer id', <code key="id">{issuer.id}</code>],
                  ['iss', <code key="iss">{issuer.issuer}</code>],
                  ['Keys from', issuer.jwks_uri ?? keysOf(issuer)],
                  ['Algorithms', issuer.algs?.join(', ') ?? 'all'],
                  ['Longest lifetime', `${issuer.max_lifetime_seconds ?? 3600} seconds`],
                  ['Each token', issuer.replay === 'reuse' ? 'until it expires' : 'once'],
                  ['Shared', issuer.shared === true ? 'strangers have its tokens too' : 'no'],
                  ['Pins', issuer.pins?.join(', ')],
                  ['Admits', issuer.admits?.map(({ template }) => <div key={template}>{template}</div>)],
                  ['Changed', <Time key="changed" at={issuer.meta.lastUpdated} />],
                  ['Version', issuer.meta.versionId],
                ]}
              />
            </Card>
          </div>
        </div>
      )}
    </DocumentFrame>
  );
}

export const EditIssuerPage = () => <EditPage kind="TrustedIssuer" />;

const EXAMPLE = `name: GitHub Actions
issuer: https://token.actions.githubusercontent.com
algs: [RS256]
max_lifetime_seconds: 900
# It serves everyone on GitHub: every rule of a client must fix one of these.
shared: true
pins: [repository_owner_id, repository_id]
`;

export const NewIssuerPage = () => (
  <NewDocument
    kind="TrustedIssuer"
    title="New trusted issuer"
    about="Its tokens authenticate the clients whose rules they fit."
    example={EXAMPLE}
  />
);
