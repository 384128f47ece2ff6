import type { ComponentType } from 'react';
import { call } from '../../api/request.ts';
import { Difference } from '../../ui/Difference.tsx';
import { Note } from '../../ui/State.tsx';
import { editableOf } from './editable.ts';
import type { Kind } from './kinds.ts';

/** The effect of a write, as predicted by the server. */
export interface Foreseen {
  outcome: string;
  document: object;
}

/** A dry run of the write. */
export async function foresee(kind: Kind, id: string, resource: object): Promise<Foreseen> {
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

export function Outcome({
  id,
  foreseen: { outcome, document },
  stored = {},
  effects: Effects,
}: {
  id: string;
  foreseen: Foreseen;
  stored: object | undefined;
  effects:
    | ComponentType<{ id: string; before: Record<string, unknown>; after: Record<string, unknown> }>
    | undefined;
}) {
  const before = editableOf(stored);
  const after = editableOf(document);
  return (
    <div className="stack tight">
      <Note tone="good" title={OUTCOMES[outcome] ?? outcome}>
        The server accepts the document.
      </Note>
      {outcome === 'changed' && <Difference label="What would change" before={before} after={after} />}
      {outcome !== 'unchanged' && Effects !== undefined && <Effects id={id} before={before} after={after} />}
    </div>
  );
}
