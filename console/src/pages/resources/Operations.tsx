import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Reference, ResourceDocument } from '../../api/documents.ts';
import { useQuestion } from '../../api/queries.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { TextField } from '../../ui/Field.tsx';
import { type Column, Table } from '../../ui/List.tsx';
import { Card } from '../../ui/Page.tsx';
import { Empty, Read } from '../../ui/State.tsx';

type Row = { id: string; name: string; description?: string };

export function Operations({ resource }: { resource: ResourceDocument }) {
  const [asked, setAsked] = useState<string>();
  const rows = (resource.operations ?? []).map((operation): Row => ({ ...operation, id: operation.name }));
  const columns: Column<Row>[] = [
    { name: 'Operation', show: ({ name }) => <code className="break">{name}</code> },
    {
      name: 'Description',
      wide: true,
      show: ({ description }) => description ?? <span className="faint">none</span>,
    },
    {
      name: 'Clients',
      show: ({ name }) => (
        <Button size="small" onClick={() => setAsked(name)}>
          Who can<span className="hidden"> {name}</span>
        </Button>
      ),
    },
  ];
  return (
    <Card flush title="Operations">
      {rows.length === 0 ? (
        <Empty title="No operations">Add them in the document: policies permit operations by name.</Empty>
      ) : (
        <Table label="Operations" columns={columns} rows={rows} />
      )}
      <Dialog title={`Who can ${asked ?? ''}?`} open={asked !== undefined} close={() => setAsked(undefined)}>
        {asked !== undefined && <WhoCan resource={resource.id} operation={asked} />}
        <div className="dialog-actions">
          <Button onClick={() => setAsked(undefined)}>Close</Button>
        </div>
      </Dialog>
    </Card>
  );
}

function WhoCan({ resource, operation }: { resource: string; operation: string }) {
  const [identifier, setIdentifier] = useState('*');
  const scope = `${resource}:${identifier === '' ? '*' : identifier}:${operation}`;
  const query = useQuestion<{ clients: Reference[] }>('/AccessPolicy/$who-can', { scope });
  return (
    <>
      <TextField
        label="On which object"
        hint="* is every object; a client may be permitted single ones only"
        value={identifier}
        spellCheck={false}
        onChange={(event) => setIdentifier(event.target.value.trim())}
      />
      <Read query={query}>
        {({ clients }) =>
          clients.length === 0 ? (
            <p className="soft">
              No active client would be granted <code>{scope}</code>.
            </p>
          ) : (
            <ul className="stack tight">
              {clients.map(({ id }) => (
                <li key={id}>
                  <Link to="/clients/$id/permissions" params={{ id }}>
                    {id}
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Read>
    </>
  );
}
