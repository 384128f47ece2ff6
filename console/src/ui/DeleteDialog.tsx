import { useQuery } from '@tanstack/react-query';
import type { ApiError } from '../api/api-error.ts';
import type { Reference, ServerDocument } from '../api/documents.ts';
import { useChange } from '../api/queries.ts';
import { type Answer, call, documentPath } from '../api/request.ts';
import { ConfirmDialog } from './Dialog.tsx';
import { ErrorNote, Loading } from './State.tsx';

interface Preview {
  deleted?: Reference[];
  changed?: Reference[];
  id_busy_until?: string;
}

/** Shows, by the dry run of the API, what else a deletion would delete, before it is confirmed. */
export function DeleteDialog({
  document,
  etag,
  open,
  close,
  deleted,
}: {
  document: ServerDocument;
  etag: string | undefined;
  open: boolean;
  close: () => void;
  deleted: () => void;
}) {
  const deletion = useChange(`${document.id} is deleted`);
  const path = documentPath(document.resourceType, document.id);
  const confirm = () =>
    deletion.mutate(
      { path, method: 'DELETE', ifMatch: etag },
      {
        onSuccess: () => {
          close();
          deleted();
        },
      },
    );
  return (
    <ConfirmDialog
      title={`Delete ${document.id}?`}
      action="Delete"
      word={document.id}
      open={open}
      close={close}
      change={deletion}
      confirm={confirm}
    >
      <p>
        The audit trail keeps its document, so it can be written again; secrets and sessions cannot be
        restored.
      </p>
      {open && document.resourceType !== 'TrustedIssuer' && <Foreseen path={path} />}
    </ConfirmDialog>
  );
}

function Foreseen({ path }: { path: string }) {
  const { data, error } = useQuery<Answer<Preview>, ApiError>({
    queryKey: [path, 'deletion'],
    queryFn: ({ signal }) => call<Preview>(`${path}?_dryRun=true`, { method: 'DELETE', signal }),
    staleTime: 0,
    gcTime: 0,
  });
  if (error !== null) return <ErrorNote error={error} />;
  if (data === undefined) return <Loading lines={2} />;
  const { deleted = [], changed = [], id_busy_until } = data.body;
  const named = (references: Reference[]) =>
    references.map(({ resourceType, id }) => (
      <li key={`${resourceType}/${id}`}>{`${resourceType}/${id}`}</li>
    ));
  const others = deleted.filter(({ resourceType, id }) => `/${resourceType}/${id}` !== path);
  return (
    <ul className="stack tight">
      {others.length > 0 && (
        <li>
          Also deleted: <ul className="mono">{named(others)}</ul>
        </li>
      )}
      {changed.length > 0 && (
        <li>
          Changed: <ul className="mono">{named(changed)}</ul>
        </li>
      )}
      {id_busy_until !== undefined && <li>Its id is free again at {id_busy_until}.</li>}
    </ul>
  );
}
