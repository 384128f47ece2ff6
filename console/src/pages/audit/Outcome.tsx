import { X } from 'lucide-react';
import type { AuditDocument } from '../../api/documents.ts';
import { Badge } from '../../ui/Badge.tsx';

export const Outcome = ({ outcome }: { outcome: AuditDocument['outcome'] }) =>
  outcome === 'success' ? (
    <Badge tone="good">Success</Badge>
  ) : (
    <Badge tone="danger" icon={X}>
      Refused
    </Badge>
  );
