import { Hourglass } from 'lucide-react';
import type { SecretRecord } from '../../../api/documents.ts';
import type { Need } from '../../../api/permissions.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { GuardedButton } from '../../../ui/Guarded.tsx';
import { type Column, Table } from '../../../ui/List.tsx';
import { Time } from '../../../ui/Time.tsx';
import { endsSoon } from '../../clients/client-state.ts';
import { type JudgedSecret, shortId } from './rotation.ts';

/** Each secret with the verdict of the server: whether ending it would interrupt the client. */
export function SecretTable({
  secrets,
  idle,
  rotate,
  end,
}: {
  secrets: JudgedSecret[];
  idle: string;
  rotate: Need;
  end: (secret: JudgedSecret) => void;
}) {
  const columns: Column<JudgedSecret>[] = [
    { name: 'Secret', show: (secret) => <SecretName secret={secret} /> },
    { name: 'Verdict', show: (secret) => <Verdict secret={secret} /> },
    { name: 'Ends', wide: true, show: (secret) => <End secret={secret} /> },
    {
      name: 'Actions',
      show: (secret) => (
        <GuardedButton needs={rotate} size="small" look="danger" onClick={() => end(secret)}>
          End<span className="hidden"> the secret {secret.description ?? secret.id}</span>
        </GuardedButton>
      ),
    },
  ];
  return (
    <>
      <Table label="Secrets" columns={columns} rows={secrets} />
      <div className="card-note small soft">
        Safe to end: not used for {idle}, while another credential of the client was.
      </div>
    </>
  );
}

const SecretName = ({ secret }: { secret: SecretRecord }) => (
  <>
    <div>{secret.description ?? <span className="soft">No description</span>}</div>
    <div className="small faint">
      <span className="mono" title={secret.id}>
        {shortId(secret.id)}
      </span>{' '}
      · added <Time at={secret.created} />
    </div>
  </>
);

function Verdict({ secret: { verdict, user_agent } }: { secret: JudgedSecret }) {
  return (
    <>
      {verdict.safe_to_end ? (
        <Badge tone="good">Safe to end</Badge>
      ) : (
        <Badge tone="neutral" icon={Hourglass}>
          Keep
        </Badge>
      )}
      <div className="small soft break" title={user_agent}>
        {verdict.text}
      </div>
    </>
  );
}

function End({ secret }: { secret: SecretRecord }) {
  if (secret.end === undefined) return <span className="faint">never</span>;
  return endsSoon(secret) ? (
    <Badge tone="warn">
      <Time at={secret.end} />
    </Badge>
  ) : (
    <Time at={secret.end} />
  );
}
