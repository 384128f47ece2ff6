import { Link } from '@tanstack/react-router';
import { Ban, Check } from 'lucide-react';
import { Badge } from '../../../ui/Badge.tsx';
import { Facts } from '../../../ui/Page.tsx';
import { Time } from '../../../ui/Time.tsx';
import type { BlastRadius, Sharer } from './blast-radius.ts';

/** Whether the credentials are accepted, what was issued for them, and who else has them. */
export function Exposure({ radius }: { radius: BlastRadius }) {
  const { opens, reason, tokens, introspects, shared_with, more_shared_with } = radius;
  return (
    <Facts
      of={[
        [
          'Credentials',
          opens ? (
            <Badge key="opens" tone="warn" icon={Check}>
              Accepted
            </Badge>
          ) : (
            <Badge key="opens" tone="good" icon={Ban}>
              Refused
            </Badge>
          ),
        ],
        ['Because', reason],
        ['Live tokens', `${tokens.live.toLocaleString('en')}${tokens.more ? ' or more' : ''}`],
        ['JWTs end', tokens.jwts_end !== undefined && <Time key="end" at={tokens.jwts_end} full />],
        ['Introspects', introspects.join(', ')],
        ['Shared with', shared_with && <Sharers key="shared" of={shared_with} more={more_shared_with} />],
      ]}
    />
  );
}

function Sharers({ of, more = false }: { of: Sharer[]; more: boolean | undefined }) {
  if (of.length === 0) return <span className="faint">no other client</span>;
  return (
    <>
      {of.map(({ client: { id }, shares }) => (
        <div key={id} className="break">
          <Link to="/clients/$id/blast-radius" params={{ id }}>
            {id}
          </Link>
          <div className="small faint">{`the same ${shares.join(', ')}`}</div>
        </div>
      ))}
      {more && <div className="small faint">and more</div>}
    </>
  );
}
