import { Clock, Hourglass } from 'lucide-react';
import type { ClientDocument } from '../../api/documents.ts';
import { Badge } from '../../ui/Badge.tsx';
import { stateOf } from './client-state.ts';

export function ClientBadge({ client }: { client: ClientDocument }) {
  switch (stateOf(client)) {
    case 'active':
      return <Badge tone="good">Active</Badge>;
    case 'disabled':
      return <Badge tone="neutral">Disabled</Badge>;
    case 'expired':
      return (
        <Badge tone="danger" icon={Hourglass}>
          Expired
        </Badge>
      );
    case 'expires soon':
      return (
        <Badge tone="warn" icon={Clock}>
          Expires soon
        </Badge>
      );
  }
}
