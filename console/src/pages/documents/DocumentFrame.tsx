import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { ServerDocument } from '../../api/documents.ts';
import { useRead } from '../../api/queries.ts';
import { documentPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { DeleteDialog } from '../../ui/DeleteDialog.tsx';
import { GuardedButton } from '../../ui/Guarded.tsx';
import { Page } from '../../ui/Page.tsx';
import { Read } from '../../ui/State.tsx';
import { type Editing, StoredDocumentEditor } from './DocumentEditor.tsx';
import { KINDS, type Kind } from './kinds.ts';

const EXACT = { exact: true, includeSearch: false };

type Named = ServerDocument & { name?: string; description?: string };

/** The pages of one document: its summary, and the document itself. */
export function DocumentFrame<T extends Named>({
  kind,
  isReadOnly = () => false,
  children,
}: {
  kind: Kind;
  isReadOnly?: (document: T) => boolean;
  children: (document: T, etag: string | undefined) => ReactNode;
}) {
  const { id = '' } = useParams({ strict: false });
  const path = documentPath(kind, id);
  const query = useRead<T>(path);
  const document = query.data?.body;
  const { name, list, page, edit } = KINDS[kind];
  const changeable = document !== undefined && !isReadOnly(document);
  return (
    <Page
      title={document?.name ?? id}
      crumb={{ name, to: list }}
      about={document?.description}
      actions={
        document !== undefined && (
          <>
            <AsApi path={path} body={document} />
            {changeable && <Deletion kind={kind} document={document} etag={query.data?.etag} />}
          </>
        )
      }
    >
      {changeable && (
        <nav className="tabs" aria-label={`Parts of ${id}`}>
          <Link to={page} params={{ id }} activeOptions={EXACT}>
            Overview
          </Link>
          <Link to={edit} params={{ id }} activeOptions={EXACT}>
            Document
          </Link>
        </nav>
      )}
      <Read query={query}>{(body) => children(body, query.data?.etag)}</Read>
    </Page>
  );
}

function Deletion({ kind, document, etag }: { kind: Kind; document: Named; etag: string | undefined }) {
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();
  return (
    <>
      <GuardedButton
        needs={{ type: kind, operation: 'delete', id: document.id }}
        look="danger"
        onClick={() => setOpen(true)}
      >
        <Trash2 size={16} aria-hidden /> Delete
      </GuardedButton>
      <DeleteDialog
        document={document}
        etag={etag}
        open={open}
        close={() => setOpen(false)}
        deleted={() => void navigate({ to: KINDS[kind].list })}
      />
    </>
  );
}

/** The page that edits a document of this kind. */
export function EditPage({ kind, editing }: { kind: Kind; editing?: Editing }) {
  const navigate = useNavigate();
  const { id = '' } = useParams({ strict: false });
  return (
    <DocumentFrame kind={kind}>
      {(stored, etag) => (
        <StoredDocumentEditor
          kind={kind}
          stored={stored}
          etag={etag}
          editing={editing}
          saved={() => void navigate({ to: KINDS[kind].page, params: { id } })}
        />
      )}
    </DocumentFrame>
  );
}
