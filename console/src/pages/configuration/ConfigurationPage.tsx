import { useState } from 'react';
import { useIsViewer } from '../../api/permissions.ts';
import { useAsk, useChange } from '../../api/queries.ts';
import { call } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { Button } from '../../ui/Button.tsx';
import { CodeBlock } from '../../ui/Code.tsx';
import { ConfirmDialog } from '../../ui/Dialog.tsx';
import { TextArea } from '../../ui/Field.tsx';
import { Card, Page } from '../../ui/Page.tsx';
import { ErrorNote, Note } from '../../ui/State.tsx';
import { documentOf } from '../documents/editable.ts';
import { exported } from './exported.ts';
import { Plan, type Planned } from './Plan.tsx';

const EXAMPLE = `type: transaction
entry:
  - request: {method: PUT, url: Client/bundled}
    resource: {name: Bundled, grant_types: [client_credentials]}
`;

export function ConfigurationPage() {
  return (
    <Page
      title="Configuration"
      about="Every document of this server as one text, and many changes in one write: all of them, or none."
      actions={<AsApi path="/?_dryRun=true" sent="bundle.yaml" />}
    >
      <div className="stack loose">
        <Changes />
        <Export />
      </div>
    </Page>
  );
}

interface PlannedBundle {
  planned: Planned;
  bundle: object;
}

async function planOf(text: string): Promise<PlannedBundle> {
  const bundle = await documentOf(text);
  const { body } = await call<Planned>('/?_dryRun=true', { method: 'POST', body: bundle });
  return { planned: body, bundle };
}

const changesIn = (plan: PlannedBundle | undefined): number =>
  plan?.planned.entry.filter(({ response }) => response.outcome !== 'unchanged').length ?? 0;

/** A Bundle: planned by a dry run, which is judged like the write itself, and applied as it was planned. */
function Changes() {
  const [text, setText] = useState(EXAMPLE);
  const [confirming, setConfirming] = useState(false);
  const plan = useAsk<PlannedBundle, void>(() => planOf(text));
  const changes = changesIn(plan.data);
  return (
    <Card title="Plan and apply">
      <div className="stack">
        <TextArea
          label="Transaction Bundle as YAML"
          className="input code"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            plan.reset();
          }}
        />
        {plan.error !== null && <ErrorNote error={plan.error} />}
        {plan.data !== undefined && <Plan planned={plan.data.planned} />}
        <div className="row">
          <Button
            look={changes === 0 ? 'primary' : undefined}
            disabled={plan.isPending}
            onClick={() => plan.mutate()}
          >
            Plan
          </Button>
          <ApplyButton changes={changes} apply={() => setConfirming(true)} />
          <span className="small faint">Planning writes nothing.</span>
        </div>
      </div>
      <ApplyDialog
        bundle={plan.data?.bundle}
        changes={changes}
        open={confirming}
        close={() => setConfirming(false)}
        applied={() => plan.reset()}
      />
    </Card>
  );
}

function ApplyButton({ changes, apply }: { changes: number; apply: () => void }) {
  if (useIsViewer()) return <span className="small faint">Your policies permit no change.</span>;
  return (
    <Button look={changes > 0 ? 'primary' : undefined} disabled={changes === 0} onClick={apply}>
      Apply …
    </Button>
  );
}

function ApplyDialog({
  bundle,
  changes,
  open,
  close,
  applied,
}: {
  bundle: object | undefined;
  changes: number;
  open: boolean;
  close: () => void;
  applied: () => void;
}) {
  const apply = useChange('Applied');
  const done = () => {
    close();
    applied();
  };
  return (
    <ConfirmDialog
      title={`Apply ${changes} ${changes === 1 ? 'change' : 'changes'}?`}
      action="Apply"
      word="apply"
      open={open}
      close={close}
      change={apply}
      confirm={() => apply.mutate({ path: '/', method: 'POST', body: bundle }, { onSuccess: done })}
    >
      All of them are written, or none.
    </ConfirmDialog>
  );
}

function Export() {
  const run = useAsk<string, void>(exported);
  return (
    <Card
      title="Export"
      actions={
        <Button size="small" disabled={run.isPending} onClick={() => run.mutate()}>
          Export all documents
        </Button>
      }
    >
      <div className="stack">
        <p className="soft">
          Trusted issuers, clients, resources and policies, as a Bundle that can be planned above. Secrets are
          not part of it. For a repository use <code>npx latchkey export</code>.
        </p>
        {run.error !== null && <ErrorNote error={run.error} />}
        {run.data === '' && <Note title="There are no documents" />}
        {run.data !== undefined && run.data !== '' && <CodeBlock label="All documents" text={run.data} />}
      </div>
    </Card>
  );
}
