import { Link } from '@tanstack/react-router';
import { Ban } from 'lucide-react';
import type { PolicyDocument, PolicyRule } from '../../api/documents.ts';
import { Badge } from '../../ui/Badge.tsx';
import { type Column, Table } from '../../ui/List.tsx';
import { Card, Facts } from '../../ui/Page.tsx';
import { Empty } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';
import type { Editing } from '../documents/DocumentEditor.tsx';
import { DocumentFrame, EditPage } from '../documents/DocumentFrame.tsx';
import { NewDocument } from '../documents/NewDocument.tsx';
import { PolicyEffects } from './PolicyEffects.tsx';
import { PolicyForm } from './PolicyForm.tsx';
import { PolicyReach } from './PolicyReach.tsx';

const MAX_LINKS = 200;

export function PolicyPage() {
  return (
    <DocumentFrame<PolicyDocument> kind="AccessPolicy">
      {(policy) => (
        <div className="columns wide-left">
          <Rules policy={policy} />
          <Card title="About">
            <Facts
              of={[
                ['For', <PolicyReach key="for" policy={policy} max={MAX_LINKS} />],
                ['Engine', policy.engine],
                ['Created', <Time key="created" at={policy.meta.createdAt} />],
                ['Changed', <Time key="changed" at={policy.meta.lastUpdated} />],
                ['Version', policy.meta.versionId],
              ]}
            />
          </Card>
        </div>
      )}
    </DocumentFrame>
  );
}

type Row = PolicyRule & { id: string };

const COLUMNS: Column<Row>[] = [
  { name: 'Rule', show: ({ id }) => id },
  {
    name: 'Effect',
    show: ({ effect }) =>
      effect === 'allow' ? (
        <Badge tone="good">Allow</Badge>
      ) : (
        <Badge tone="danger" icon={Ban}>
          Deny
        </Badge>
      ),
  },
  {
    name: 'Resource',
    show: ({ resource }) =>
      resource === '*' ? (
        <code>*</code>
      ) : (
        <Link to="/resources/$id" params={{ id: resource }}>
          {resource}
        </Link>
      ),
  },
  { name: 'Object', show: ({ identifier }) => <code className="break">{identifier}</code> },
  {
    name: 'Operations',
    show: ({ operations }) => (
      <span className="row">
        {operations.map((name) => (
          <span key={name} className="tag">
            {name}
          </span>
        ))}
      </span>
    ),
  },
];

function Rules({ policy: { engine, rules = [] } }: { policy: PolicyDocument }) {
  const rows = rules.map((rule, at): Row => ({ ...rule, id: String(at + 1) }));
  return (
    <Card flush title="Rules">
      {rows.length > 0 ? (
        <Table label="Rules" columns={COLUMNS} rows={rows} />
      ) : (
        <Empty title={engine === 'allow' ? 'Everything is allowed' : 'No rules'}>
          {engine === 'allow'
            ? 'The engine allow grants every operation of every registered resource, except on the server itself.'
            : 'Add rules in the document.'}
        </Empty>
      )}
    </Card>
  );
}

const EDITING: Editing = { form: PolicyForm, effects: PolicyEffects };

export const EditPolicyPage = () => <EditPage kind="AccessPolicy" editing={EDITING} />;

const EXAMPLE = `engine: rules
link: [{resourceType: Client, id: api-client}]
rules:
  - {effect: allow, resource: book, identifier: "*", operations: [read]}
  - {effect: deny, resource: book, identifier: "13", operations: [read]}
`;

export const NewPolicyPage = () => (
  <NewDocument
    kind="AccessPolicy"
    title="New policy"
    about="An item is granted if one allow rule covers all of it, and no deny rule touches any of it."
    example={EXAMPLE}
    editing={EDITING}
  />
);
