import { type FormEvent, useState } from 'react';
import { useAsk } from '../../api/queries.ts';
import { Button } from '../../ui/Button.tsx';
import { TextArea } from '../../ui/Field.tsx';
import { Card, Page } from '../../ui/Page.tsx';
import { ErrorNote } from '../../ui/State.tsx';
import { ProposedRule } from './ProposedRule.tsx';
import { TRY_PATH, type Tried } from './tried.ts';
import { Verdict } from './Verdict.tsx';

/**
 * Whether a token would be accepted, which part of which rule it does not fit, and the rule that it would fit. Nothing is
 * used up or stored.
 */
export function AssertionTester() {
  const [text, setText] = useState('');
  const assertion = text.trim();
  const trying = useAsk<Tried>();
  const run = () => trying.mutate({ path: TRY_PATH, method: 'POST', body: { assertion } });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run();
  };
  const tried = trying.data;
  return (
    <Card title="Try a token">
      <div className="stack">
        <form className="stack" onSubmit={submit}>
          <TextArea
            label="Token of the platform"
            hint="A JWT. It is verified as at the token endpoint, and compared with every rule on its issuer."
            className="input mono"
            value={text}
            required
            onChange={(event) => {
              setText(event.target.value);
              trying.reset();
            }}
          />
          <div className="row">
            <Button type="submit" look="primary" disabled={trying.isPending || assertion === ''}>
              Try it
            </Button>
          </div>
        </form>
        {trying.error !== null && <ErrorNote error={trying.error} />}
        {tried !== undefined && <Verdict tried={tried} />}
        {tried?.proposal !== undefined && (
          <ProposedRule proposal={tried.proposal} assertion={assertion} added={run} />
        )}
      </div>
    </Card>
  );
}

export const TryIssuerPage = () => (
  <Page
    title="Try a token"
    crumb={{ name: 'Trusted issuers', to: '/issuers' }}
    about="Why the token of a platform authenticates a client, or does not."
  >
    <AssertionTester />
  </Page>
);
