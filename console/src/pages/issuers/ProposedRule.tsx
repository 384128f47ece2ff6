import { type FormEvent, useState } from 'react';
import { ApiError } from '../../api/api-error.ts';
import type { ClientDocument } from '../../api/documents.ts';
import { useAsk, useChange } from '../../api/queries.ts';
import { call, documentPath } from '../../api/request.ts';
import { Button } from '../../ui/Button.tsx';
import { CodeBlock } from '../../ui/Code.tsx';
import { TextField } from '../../ui/Field.tsx';
import { ErrorNote, Note } from '../../ui/State.tsx';
import { type Addition, AddRuleDialog } from './AddRuleDialog.tsx';
import { type Proposal, TRY_PATH, type Tried } from './tried.ts';
import { Warnings } from './Verdict.tsx';

/** The narrowest rule that the token would fit, and how it gets into the document of a client. */
export function ProposedRule({
  proposal: { rule, warnings },
  assertion,
  added,
}: {
  proposal: Proposal;
  assertion: string;
  added: () => void;
}) {
  if (rule === undefined) {
    return (
      <Note tone="warn" title="No rule can be proposed for this token">
        {warnings.map((warning) => (
          <p key={warning}>{warning}</p>
        ))}
      </Note>
    );
  }
  return (
    <section className="stack" aria-label="The rule that would fit">
      <h3>The narrowest rule that would fit</h3>
      <CodeBlock label="Rule" text={JSON.stringify(rule, null, 2)} />
      <Warnings of={warnings} />
      <AddToClient assertion={assertion} added={added} />
    </section>
  );
}

/** The server says what the client's rules would be then; its document gives the version that the change is based on. */
async function additionTo(clientId: string, assertion: string): Promise<Addition> {
  const [client, { body: tried }] = await Promise.all([
    call<ClientDocument>(documentPath('Client', clientId)),
    call<Tried>(TRY_PATH, { method: 'POST', body: { assertion, client_id: clientId } }),
  ]);
  const patch = tried.proposal?.patch;
  if (patch === undefined)
    throw new ApiError(422, 'The rule cannot be added', tried.reasons?.join('; ') ?? '');
  return { client: client.body, etag: client.etag, patch };
}

function AddToClient({ assertion, added }: { assertion: string; added: () => void }) {
  const [clientId, setClientId] = useState('');
  const asking = useAsk<Addition, void>(() => additionTo(clientId.trim(), assertion));
  const adding = useChange('The rule is added');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    asking.mutate();
  };
  const close = () => {
    adding.reset();
    asking.reset();
  };
  return (
    <>
      <form className="stack" onSubmit={submit}>
        <TextField
          label="Client id"
          hint="Tokens that fit the rule will authenticate it: check that the token is of the workload that you mean."
          value={clientId}
          required
          spellCheck={false}
          onChange={(event) => setClientId(event.target.value)}
        />
        <div>
          <Button type="submit" disabled={asking.isPending || clientId.trim() === ''}>
            Add to the client …
          </Button>
        </div>
      </form>
      {asking.error !== null && <ErrorNote error={asking.error} />}
      <AddRuleDialog
        addition={asking.data}
        adding={adding}
        close={close}
        added={() => {
          close();
          added();
        }}
      />
    </>
  );
}
