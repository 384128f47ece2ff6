import { History } from 'lucide-react';
import { type Column, Table } from '../../../ui/List.tsx';
import { Card } from '../../../ui/Page.tsx';
import { Empty } from '../../../ui/State.tsx';
import { Time } from '../../../ui/Time.tsx';
import type { CredentialUse } from './blast-radius.ts';

type Row = CredentialUse & { id: string };

const COLUMNS: Column<Row>[] = [
  { name: 'Credential', show: (use) => <span className="break">{nameOf(use)}</span> },
  { name: 'Last used', show: ({ time }) => <Time at={time} /> },
  {
    name: 'From',
    show: ({ address, user_agent }) => (
      <>
        <div className="break">{address ?? <span className="faint">unknown</span>}</div>
        <div className="small faint break">{user_agent}</div>
      </>
    ),
  },
];

function nameOf({ secret, kid, rule }: CredentialUse): string {
  if (secret !== undefined) return `secret ${secret.slice(0, 8)}`;
  if (rule !== undefined) return `${rule.issuer}: ${rule.subject ?? 'by its claims'}`;
  return kid === undefined || kid === '' ? 'key' : `key ${kid}`;
}

/** From where each credential was last used: an address that is not yours is a sign of a leak. */
export const CredentialUses = ({ of }: { of: CredentialUse[] }) => (
  <Card flush title="Last uses">
    {of.length === 0 ? (
      <Empty icon={History} title="Never used" />
    ) : (
      <Table label="Last uses" columns={COLUMNS} rows={of.map((use, at) => ({ ...use, id: String(at) }))} />
    )}
  </Card>
);
