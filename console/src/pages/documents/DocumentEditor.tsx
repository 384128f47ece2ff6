import { type ComponentType, type FormEvent, useEffect, useState } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import type { ServerDocument } from '../../api/documents.ts';
import type { Need } from '../../api/permissions.ts';
import { useAsk, useChange } from '../../api/queries.ts';
import { documentPath } from '../../api/request.ts';
import { toYaml } from '../../api/yaml.ts';
import { TextArea } from '../../ui/Field.tsx';
import { GuardedButton } from '../../ui/Guarded.tsx';
import { Card } from '../../ui/Page.tsx';
import { ErrorNote } from '../../ui/State.tsx';
import { Conflict } from './Conflict.tsx';
import { editableOf, unprefixed } from './editable.ts';
import { type Foreseen, foresee, Outcome } from './Foreseen.tsx';
import type { Kind } from './kinds.ts';
import { useViews, ViewSwitch } from './views.tsx';

type Members = Record<string, unknown>;

/** A form for the documents of one kind, and what a change of one would mean beyond the document. */
export interface Editing {
  form: ComponentType<{ document: Members; change: (next: Members) => void }>;
  effects: ComponentType<{ id: string; before: Members; after: Members }>;
}

export interface Edited {
  kind: Kind;
  id: string;
  /** What is stored; absent for a document that does not exist yet. */
  stored?: ServerDocument | undefined;
  etag?: string | undefined;
  /** What the editor begins with. */
  text: string;
  editing?: Editing | undefined;
  saved: () => void;
}

/**
 * A document as YAML, and as a form where there is one: checked by a dry run of the same write, then written if it is still
 * the version shown.
 */
export function DocumentEditor({ kind, id, stored, etag, text: initial, editing, saved }: Edited) {
  const views = useViews(initial, editing !== undefined);
  const check = useAsk<Foreseen, void>(async () => foresee(kind, id, await views.read()));
  const saving = useChange('Saved');
  const [fault, setFault] = useState<ApiError>();
  const forget = () => {
    check.reset();
    saving.reset();
    setFault(undefined);
  };
  const edit = (next: string) => {
    views.write(next);
    forget();
  };
  const save = async (tag = etag) => {
    setFault(undefined);
    try {
      const body = await views.read();
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
  const needs: Need = { type: kind, operation: stored === undefined ? 'create' : 'update', id };
  const Form = editing?.form;
  return (
    <Card>
      <form className="stack" onSubmit={submit}>
        {editing !== undefined && <ViewSwitch views={views} failed={setFault} />}
        {Form !== undefined && views.isForm && views.draft !== undefined && (
          <Form
            document={views.draft}
            change={(next) => {
              views.change(next);
              forget();
            }}
          />
        )}
        {!views.isForm && (
          <TextArea
            label={`${kind} ${id} as YAML`}
            className="input code"
            value={views.text}
            onChange={(event) => edit(event.target.value)}
          />
        )}
        {error?.isStale === true && stored !== undefined ? (
          <Conflict kind={kind} base={stored} overwrite={(tag) => void save(tag)} takeTheirs={edit} />
        ) : (
          error && <ErrorNote error={unprefixed(error)} />
        )}
        {check.data !== undefined && (
          <Outcome id={id} foreseen={check.data} stored={stored} effects={editing?.effects} />
        )}
        <div className="row">
          <GuardedButton needs={needs} type="submit" look="primary" disabled={saving.isPending || id === ''}>
            Save
          </GuardedButton>
          <GuardedButton needs={needs} disabled={check.isPending || id === ''} onClick={() => check.mutate()}>
            Check
          </GuardedButton>
          <span className="small faint">Checking writes nothing.</span>
        </div>
      </form>
    </Card>
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
