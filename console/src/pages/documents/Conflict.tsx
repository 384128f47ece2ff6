import { useQuery } from '@tanstack/react-query';
import type { ApiError } from '../../api/api-error.ts';
import type { ServerDocument } from '../../api/documents.ts';
import { type Answer, call, documentPath } from '../../api/request.ts';
import { toYaml } from '../../api/yaml.ts';
import { Button } from '../../ui/Button.tsx';
import { Difference } from '../../ui/Difference.tsx';
import { Note, Read } from '../../ui/State.tsx';
import { editableOf } from './editable.ts';
import type { Kind } from './kinds.ts';

/** The document has changed: shows the difference, and asks which version to keep. */
export function Conflict({
  kind,
  base,
  overwrite,
  takeTheirs,
}: {
  kind: Kind;
  base: ServerDocument;
  overwrite: (etag: string | undefined) => void;
  takeTheirs: (text: string) => void;
}) {
  const path = documentPath(kind, base.id);
  // What is shown elsewhere may be the version that was edited.
  const query = useQuery<Answer<ServerDocument>, ApiError>({
    queryKey: [path, 'theirs'],
    queryFn: ({ signal }) => call<ServerDocument>(path, { signal }),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <div className="stack tight">
      <Note tone="warn" title="Someone changed this since you opened it">
        Nothing was written. This is what changed meanwhile:
      </Note>
      <Read query={query}>
        {(theirs) => (
          <div className="stack tight">
            <Difference label="What others changed" before={editableOf(base)} after={editableOf(theirs)} />
            <div className="row">
              <Button size="small" onClick={async () => takeTheirs(await toYaml(editableOf(theirs)))}>
                Discard mine
              </Button>
              <Button size="small" look="danger" onClick={() => overwrite(query.data?.etag)}>
                Write mine over it
              </Button>
            </div>
          </div>
        )}
      </Read>
    </div>
  );
}
