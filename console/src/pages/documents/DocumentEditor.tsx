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
import { useViews, ViewSwitch, type Views } from './views.tsx';

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

/** Checks and writes what the views show, and keeps the last error until the document is edited. */
function useWriting({ kind, id, stored, etag, saved }: Edited, views: Views) {
  const check = useAsk<Foreseen, void>(async () => foresee(kind, id, await views.read()));
  const saving = useChange('Saved');
  const [fault, setFault] = useState<ApiError>();
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
  const forget = () => {
    check.reset();
    saving.reset();
    setFault(undefined);
  };
  return { check, saving, error: fault ?? check.error, fail: setFault, save, forget };
}

type Writing = ReturnType<typeof useWriting>;

/**
 * A document as YAML, and as a form where there is one: checked by a dry run of the same write, then written if it is still
 * the version shown.
 */
export function DocumentEditor(edited: Edited) {
  const { kind, id, stored, editing } = edited;
  const views = useViews(edited.text, editing !== undefined);
  const writing = useWriting(edited, views);
  const { check, error, save, forget } = writing;
  const edit = (next: string) => {
    views.write(next);
    forget();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  const change = (next: Members) => {
    views.change(next);
    forget();
  };
  return (
    <Card>
      <form className="stack" onSubmit={submit}>
        {editing !== undefined && <ViewSwitch views={views} failed={writing.fail} />}
        <Shown
          label={`${kind} ${id} as YAML`}
          form={editing?.form}
          views={views}
          change={change}
          edit={edit}
        />
        {error?.isStale === true && stored !== undefined ? (
          <Conflict kind={kind} base={stored} overwrite={(tag) => void save(tag)} takeTheirs={edit} />
        ) : (
          error && <ErrorNote error={unprefixed(error)} />
        )}
        {check.data !== undefined && (
          <Outcome id={id} foreseen={check.data} stored={stored} effects={editing?.effects} />
        )}
        <Buttons
          needs={{ type: kind, operation: stored === undefined ? 'create' : 'update', id }}
          isNamed={id !== ''}
          writing={writing}
        />
      </form>
    </Card>
  );
}

function Shown({
  label,
  form: Form,
  views,
  change,
  edit,
}: {
  label: string;
  form: Editing['form'] | undefined;
  views: Views;
  change: (next: Members) => void;
  edit: (text: string) => void;
}) {
  if (!views.isForm) {
    return (
      <TextArea
        label={label}
        className="input code"
        value={views.text}
        onChange={(event) => edit(event.target.value)}
      />
    );
  }
  return Form === undefined || views.draft === undefined ? null : (
    <Form document={views.draft} change={change} />
  );
}

const Buttons = ({
  needs,
  isNamed,
  writing: { saving, check },
}: {
  needs: Need;
  isNamed: boolean;
  writing: Writing;
}) => (
  <div className="row">
    <GuardedButton needs={needs} type="submit" look="primary" disabled={saving.isPending || !isNamed}>
      Save
    </GuardedButton>
    <GuardedButton needs={needs} disabled={check.isPending || !isNamed} onClick={() => check.mutate()}>
      Check
    </GuardedButton>
    <span className="small faint">Checking writes nothing.</span>
  </div>
);

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
