import { Check, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useAsk } from '../../api/queries.ts';
import { Button } from '../../ui/Button.tsx';
import { TextArea } from '../../ui/Field.tsx';
import { Card, Page } from '../../ui/Page.tsx';
import { ErrorNote, Note } from '../../ui/State.tsx';

interface Compared {
  demanded: unknown;
  found?: unknown;
  fits: boolean;
  reason?: string;
}

interface Tried {
  accepted: boolean;
  reasons?: string[];
  issuer?: { id: string };
  dialects?: string[];
  clients?: {
    client: { id: string };
    fits: boolean;
    rules: {
      rule: number;
      fits: boolean;
      subject?: Compared;
      claims?: (Compared & { claim: string })[];
      warnings: string[];
    }[];
  }[];
  warnings?: string[];
}

/** Whether a token would be accepted, and which part of which rule it does not fit. Nothing is used up or stored. */
export function AssertionTester() {
  const [assertion, setAssertion] = useState('');
  const trying = useAsk<Tried>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    trying.mutate({ path: '/TrustedIssuer/$try', method: 'POST', body: { assertion: assertion.trim() } });
  };
  return (
    <Card title="Try a token">
      <form className="stack" onSubmit={submit}>
        <TextArea
          label="Token of the platform"
          hint="A JWT. It is verified as at the token endpoint, and compared with every rule on its issuer."
          className="input mono"
          value={assertion}
          required
          onChange={(event) => {
            setAssertion(event.target.value);
            trying.reset();
          }}
        />
        <div className="row">
          <Button type="submit" look="primary" disabled={trying.isPending || assertion.trim() === ''}>
            Try it
          </Button>
        </div>
        {trying.error !== null && <ErrorNote error={trying.error} />}
        {trying.data !== undefined && <Verdict tried={trying.data} />}
      </form>
    </Card>
  );
}

function Verdict({ tried: { accepted, reasons = [], clients = [], warnings = [] } }: { tried: Tried }) {
  return (
    <div className="stack">
      <Note
        tone={accepted ? 'good' : 'danger'}
        title={accepted ? 'It would be accepted' : 'It would be refused'}
      >
        {reasons.map((reason) => (
          <p key={reason}>{reason}</p>
        ))}
      </Note>
      {warnings.length > 0 && <Warnings of={warnings} />}
      {clients.flatMap(({ client, rules }) =>
        rules.map((rule) => (
          <div key={`${client.id} ${rule.rule}`} className="stack tight">
            <h3 className="row">
              <Fits fits={rule.fits} /> {client.id}, rule {rule.rule + 1}
            </h3>
            <ul className="stack tight small">
              {rule.subject !== undefined && <Line name="subject" compared={rule.subject} />}
              {(rule.claims ?? []).map(({ claim, ...compared }) => (
                <Line key={claim} name={claim} compared={compared} />
              ))}
            </ul>
            {rule.warnings.length > 0 && <Warnings of={rule.warnings} />}
          </div>
        )),
      )}
    </div>
  );
}

const Warnings = ({ of }: { of: string[] }) => (
  <Note tone="warn">
    {of.map((warning) => (
      <p key={warning}>{warning}</p>
    ))}
  </Note>
);

const Fits = ({ fits }: { fits: boolean }) =>
  fits ? (
    <Check size={16} className="tick" aria-label="Fits:" />
  ) : (
    <X size={16} className="cross" aria-label="Does not fit:" />
  );

const Line = ({
  name,
  compared: { demanded, found, fits, reason },
}: {
  name: string;
  compared: Compared;
}) => (
  <li className="row">
    <Fits fits={fits} />
    <span className="break">
      <code>{name}</code> must be <code>{textOf(demanded)}</code>
      {!fits && (
        <>
          , is {found === undefined ? 'absent' : <code>{textOf(found)}</code>}
          {reason !== undefined && ` (${reason})`}
        </>
      )}
    </span>
  </li>
);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

export const TryIssuerPage = () => (
  <Page
    title="Try a token"
    crumb={{ name: 'Trusted issuers', to: '/issuers' }}
    about="Why the token of a platform authenticates a client, or does not."
  >
    <AssertionTester />
  </Page>
);
