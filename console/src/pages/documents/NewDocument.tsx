import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { TextField } from '../../ui/Field.tsx';
import { Card, Page } from '../../ui/Page.tsx';
import { DocumentEditor, type Editing } from './DocumentEditor.tsx';
import { KINDS, type Kind } from './kinds.ts';

/** A new document, begun from an example that can be saved as it is. */
export function NewDocument({
  kind,
  title,
  about,
  example,
  editing,
}: {
  kind: Kind;
  title: string;
  about: string;
  example: string;
  editing?: Editing;
}) {
  const [id, setId] = useState('');
  const navigate = useNavigate();
  const { name, list, page } = KINDS[kind];
  return (
    <Page title={title} about={about} crumb={{ name, to: list }}>
      <div className="stack">
        <Card>
          <TextField
            label="Id"
            hint="1 to 64 of A-Z a-z 0-9 . _ -, beginning with a letter or digit; it never changes"
            value={id}
            spellCheck={false}
            onChange={(event) => setId(event.target.value)}
          />
        </Card>
        <DocumentEditor
          kind={kind}
          id={id}
          text={example}
          editing={editing}
          saved={() => void navigate({ to: page, params: { id } })}
        />
      </div>
    </Page>
  );
}
