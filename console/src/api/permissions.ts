import { useQuery } from '@tanstack/react-query';
import type { ApiError } from './api-error.ts';
import { type Answer, call } from './request.ts';
import { useSession } from './session.ts';

export type OwnType =
  | 'Client'
  | 'Resource'
  | 'AccessPolicy'
  | 'TrustedIssuer'
  | 'Session'
  | 'SigningKey'
  | 'AuditEvent';

export type Operation = 'read' | 'create' | 'update' | 'delete' | 'rotate';

type Extent = 'all' | 'some' | 'none';

interface Permissions {
  permissions: Partial<Record<OwnType, Partial<Record<Operation, Extent>>>>;
}

/** What an action requires at the server; without an id, on any document. */
export interface Need {
  type: OwnType;
  operation: Operation;
  id?: string | undefined;
}

const FRESH_MS = 60_000;

/** Asked once for the session; a change of policies is seen within a minute, and the server decides in any case. */
function usePermissions(target: string | undefined, enabled: boolean) {
  const path = target === undefined ? '/$permissions' : `/$permissions?target=${encodeURIComponent(target)}`;
  return useQuery<Answer<Permissions>, ApiError>({
    queryKey: [path],
    queryFn: ({ signal }) => call<Permissions>(path, { signal }),
    enabled,
    staleTime: FRESH_MS,
  });
}

/**
 * Why the signed-in client may not do this; undefined if it may, or if the server has not said yet. One document is asked
 * about only where the policies tell documents apart.
 */
export function useRefusal({ type, operation, id }: Need): string | undefined {
  const general = usePermissions(undefined, true).data?.body.permissions[type]?.[operation];
  const isSingle = general === 'some' && id !== undefined && id !== '';
  const single = usePermissions(`${type}/${id ?? ''}`, isSingle).data?.body.permissions[type]?.[operation];
  const extent = isSingle ? single : general;
  const ownId = useSession()?.clientId;
  // Every client may close its own sessions.
  if (extent !== 'none' || (type === 'Session' && id === ownId)) return undefined;
  return `Your policies do not permit ${type}:${id === undefined || id === '' ? '*' : id}:${operation}.`;
}

const CHANGES: readonly Operation[] = ['create', 'update', 'delete', 'rotate'];

/** Whether the signed-in client may change nothing at all. */
export function useIsViewer(): boolean {
  const types = usePermissions(undefined, true).data?.body.permissions;
  if (types === undefined) return false;
  return Object.values(types).every((extents) =>
    CHANGES.every((operation) => (extents[operation] ?? 'none') === 'none'),
  );
}
