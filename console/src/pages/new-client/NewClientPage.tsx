import { type FormEvent, useState } from 'react';
import {
  type Bundle,
  type ClientDocument,
  type IssuerDocument,
  type ResourceDocument,
  rowsOf,
} from '../../api/documents.ts';
import { useChange, useRead } from '../../api/queries.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { TextField } from '../../ui/Field.tsx';
import { GuardedButton } from '../../ui/Guarded.tsx';
import { Card, Page } from '../../ui/Page.tsx';
import { ErrorNote, Read } from '../../ui/State.tsx';
import { isOwnType } from '../resources/own-types.ts';
import { type Answers, bundleOf } from './bundle.ts';
import { Created } from './Created.tsx';
import { PermissionPicker } from './PermissionPicker.tsx';
import { PROOFS, type Proof } from './proofs.ts';

const MAX_ROWS = 200;

type Written = { entry: { resource: ClientDocument & { secret?: string } }[] };

/** Two questions and a command: the answers become one Bundle, written as a whole or not at all. */
export function NewClientPage() {
  const creating = useChange<Written>();
  const created = creating.data?.body.entry.find(
    ({ resource }) => resource?.resourceType === 'Client',
  )?.resource;
  if (created !== undefined) {
    const { secret, ...client } = created;
    return <Created client={client} secret={secret} />;
  }
  return (
    <Page
      title="New client"
      about="Two questions, then a command that works."
      crumb={{ name: 'Clients', to: '/clients' }}
    >
      <Questions creating={creating} />
    </Page>
  );
}

const NO_ANSWERS: Answers = { id: '', name: '', proof: 'secret', given: {}, chosen: new Set() };

function Questions({ creating }: { creating: ReturnType<typeof useChange<Written>> }) {
  const [answers, setAnswers] = useState(NO_ANSWERS);
  const resources = useRead<Bundle<ResourceDocument>>(`/Resource?_count=${MAX_ROWS}`);
  const issuers = useRead<Bundle<IssuerDocument>>(`/TrustedIssuer?_count=${MAX_ROWS}`);
  const offered = rowsOf(resources.data?.body ?? { link: [] }).filter((resource) => !isOwnType(resource.id));
  const answer = (next: Partial<Answers>) => setAnswers((old) => ({ ...old, ...next }));
  const id = answers.id.trim();
  const named = { ...answers, id, name: answers.name.trim() };
  const bundle = bundleOf(named, offered, rowsOf(issuers.data?.body ?? { link: [] }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    creating.mutate({ path: '/', method: 'POST', body: bundle });
  };
  return (
    <form className="stack loose" onSubmit={submit}>
      <Name answers={answers} answer={answer} />
      <ProofQuestion answers={answers} answer={answer} />
      <Card title="2. What may it do?">
        <Read query={resources}>
          {() => (
            <PermissionPicker
              resources={offered}
              chosen={answers.chosen}
              choose={(chosen) => answer({ chosen })}
            />
          )}
        </Read>
      </Card>
      {creating.error !== null && <ErrorNote error={creating.error} />}
      <div className="row">
        <GuardedButton
          needs={{ type: 'Client', operation: 'create', id }}
          type="submit"
          look="primary"
          disabled={creating.isPending || issuers.data === undefined}
        >
          Create, and show the command
        </GuardedButton>
        {id !== '' && <AsApi path="/" sent={bundle} />}
      </div>
    </form>
  );
}

interface Answering {
  answers: Answers;
  answer: (next: Partial<Answers>) => void;
}

const Name = ({ answers: { id, name }, answer }: Answering) => (
  <Card>
    <div className="columns">
      <TextField
        label="Client id"
        hint="1 to 64 of A-Z a-z 0-9 . _ -; it never changes"
        value={id}
        required
        spellCheck={false}
        onChange={(event) => answer({ id: event.target.value })}
      />
      <TextField
        label="Name"
        hint="Optional"
        value={name}
        onChange={(event) => answer({ name: event.target.value })}
      />
    </div>
  </Card>
);

const ProofQuestion = ({ answers: { proof, given }, answer }: Answering) => (
  <Card title="1. How will it prove itself?">
    <div className="stack">
      <Choices proof={proof} choose={(next) => answer({ proof: next })} />
      {PROOFS[proof].fields.map((field) => (
        <TextField
          key={`${proof} ${field.name}`}
          label={field.label}
          hint={field.hint}
          value={given[field.name] ?? ''}
          required
          spellCheck={false}
          onChange={(event) => answer({ given: { ...given, [field.name]: event.target.value.trim() } })}
        />
      ))}
    </div>
  </Card>
);

function Choices({ proof, choose }: { proof: Proof; choose: (proof: Proof) => void }) {
  return (
    <fieldset className="choices">
      <legend className="hidden">How it proves itself</legend>
      {Object.entries(PROOFS).map(([value, { name, about }]) => (
        <label key={value} className="choice">
          <input
            type="radio"
            name="proof"
            value={value}
            checked={proof === value}
            onChange={() => choose(value as Proof)}
          />
          <strong>{name}</strong>
          <span>{about}</span>
        </label>
      ))}
    </fieldset>
  );
}
