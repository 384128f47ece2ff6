import { useNavigate } from '@tanstack/react-router';
import { StoredDocumentEditor } from '../documents/DocumentEditor.tsx';
import { ClientFrame } from './ClientFrame.tsx';

export function EditTab() {
  const navigate = useNavigate();
  return (
    <ClientFrame>
      {({ client, etag }) => (
        <StoredDocumentEditor
          kind="Client"
          stored={client}
          etag={etag}
          saved={() => void navigate({ to: '/clients/$id', params: { id: client.id } })}
        />
      )}
    </ClientFrame>
  );
}
