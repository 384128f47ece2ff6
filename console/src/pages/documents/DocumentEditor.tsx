import { type FormEvent, useEffect, useState } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import type { ServerDocument } from '../../api/documents.ts';
import { useAsk, useChange } from '../../api/queries.ts';
import { call, documentPath } from '../../api/request.ts';
import { toYaml } from '../../api/yaml.ts';
import { Button } from '../../ui/Button.tsx';
import { Difference } from '../../ui/Difference.tsx';
import { TextArea } from '../../ui/Field.tsx';
import { Card } from '../../ui/Page.tsx';
import { ErrorNote, Note } from '../../ui/State.tsx';
import { Conflict } from './Conflict.tsx';
import { documentOf, editableOf, unprefixed } from './editable.ts';
import type { Kind } from './kinds.ts';

export interface Edited {
  kind: Kind;
  id: string;
  /** What is stored; absent for a document that does not exist yet. */
  stored?: ServerDocument | undefined;
  etag?: string | undefined;
  /** What the editor begins with. */
  text: string;
  saved: () => void;
}

interface Foreseen {
  outcome: string;
  document: object;
}

/** A document as YAML: checked by a dry run of the same write, then written if it is still the version shown. */
export function DocumentEditor({ kind, id, stored, etag, text: initial, saved }: Edited) {
  const [text, setText] = useState(initial);
  const check = useAsk<Foreseen, void>(async () => foresee(kind, id, await documentOf(text)));
  const saving = useChange('Saved');
  const [fault, setFault] = useState<ApiError>();
  const edit = (next: string) => {
    setText(next);
    check.reset();
    saving.reset();
    setFault(undefined);
  };
  const save = async (tag = etag) => {
    setFault(undefined);
    try {
      const body = await documentOf(text);
      const condition = stored === undefined ? { isNew: true } : { ifMatch: tag };
      await saving.mutateAsync({ path: documentPath(kind, id), method: 'PUT', body, ...condition });
      saved();
    } catch (error) {
      setFault(error as ApiError);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  const error = fault ?? check.error;
  return (
    <Card>
      <form className="stack" onSubmit={submit}>
        <TextArea
          label={`${kind} ${id} as YAML`}
          className="input code"
          value={text}
          onChange={(event) => edit(event.target.value)}
        />
        {error?.isStale === true && stored !== undefined ? (
          <Conflict kind={kind} base={stored} overwrite={(tag) => void save(tag)} takeTheirs={edit} />
        ) : (
          error && <ErrorNote error={unprefixed(error)} />
        )}
        {check.data !== undefined && <Outcome foreseen={check.data} stored={stored} />}
        <div className="row">
          <Button type="submit" look="primary" disabled={saving.isPending || id === ''}>
            Save
          </Button>
          <Button disabled={check.isPending || id === ''} onClick={() => check.mutate()}>
            Check
          </Button>
          <span className="small faint">Checking writes nothing.</span>
        </div>
      </form>
    </Card>
  );
}

async function foresee(kind: Kind, id: string, resource: object): Promise<Foreseen> {
  const entry = [{ request: { method: 'PUT', url: `${kind}/${id}` }, resource }];
  const { body } = await call<{ entry: { resource: object; response: { outcome: string } }[] }>(
    '/?_dryRun=true',
    {
      method: 'POST',
      body: { type: 'transaction', entry },
    },
  );
  const [written] = body.entry;
  return { outcome: written?.response.outcome ?? 'unchanged', document: written?.resource ?? {} };
}

const OUTCOMES: Record<string, string> = {
  created: 'Saving would create it',
  changed: 'Saving would change this',
  unchanged: 'Saving would change nothing',
};

function Outcome({
  foreseen: { outcome, document },
  stored,
}: {
  foreseen: Foreseen;
  stored: object | undefined;
}) {
  return (
    <div className="stack tight">
      <Note tone="good" title={OUTCOMES[outcome] ?? outcome}>
        The server accepts the document.
      </Note>
      {outcome === 'changed' && (
        <Difference
          label="What would change"
          before={editableOf(stored ?? {})}
          after={editableOf(document)}
        />
      )}
    </div>
  );
}

/** The editor of what is stored, once it is in YAML. */
export function StoredDocumentEditor(parts: Omit<Edited, 'text' | 'id'> & { stored: ServerDocument }) {
  const [text, setText] = useState<string>();
  // What others change meanwhile must not replace what is being typed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once.
  useEffect(() => {
    void toYaml(editableOf(parts.stored)).then(setText);
  }, []);
  const [opened] = useState(parts);
  return text === undefined ? null : (
    <DocumentEditor {...opened} saved={parts.saved} id={opened.stored.id} text={text} />
  );
}
