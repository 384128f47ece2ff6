import { X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../ui/Button.tsx';
import { TextField } from '../../ui/Field.tsx';
import { forEveryone, linkedOf, linksTo, type PolicyDraft } from './policy-draft.ts';

const MAX_SHOWN = 200;

/** The scope of the policy: all clients, or the named ones. */
export function LinkFields({
  document,
  change,
}: {
  document: PolicyDraft;
  change: (next: PolicyDraft) => void;
}) {
  const linked = linkedOf(document);
  const isForAll = document.everyone === true;
  const set = (ids: string[]) => change({ ...document, link: linksTo(ids) });
  return (
    <fieldset className="picker">
      <legend>For whom</legend>
      <div className="stack tight">
        <label className="check">
          <input
            type="checkbox"
            checked={isForAll}
            onChange={(event) => change(forEveryone(document, event.target.checked))}
          />
          Every client
        </label>
        {!isForAll && (
          <>
            <Linked ids={linked} remove={(id) => set(linked.filter((one) => one !== id))} />
            <AddLink add={(id) => set([...new Set([...linked, id])])} />
          </>
        )}
      </div>
    </fieldset>
  );
}

const Linked = ({ ids, remove }: { ids: string[]; remove: (id: string) => void }) => (
  <ul className="row">
    {ids.slice(0, MAX_SHOWN).map((id) => (
      <li key={id} className="tag">
        {id}
        <Button size="small" icon look="plain" aria-label={`Take ${id} away`} onClick={() => remove(id)}>
          <X size={14} aria-hidden />
        </Button>
      </li>
    ))}
    {ids.length > MAX_SHOWN && <li className="small">and {ids.length - MAX_SHOWN} more</li>}
  </ul>
);

function AddLink({ add }: { add: (id: string) => void }) {
  const [id, setId] = useState('');
  const submit = () => {
    add(id);
    setId('');
  };
  return (
    <div className="row end">
      <TextField
        label="Client id"
        value={id}
        spellCheck={false}
        onChange={(event) => setId(event.target.value.trim())}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || id === '') return;
          event.preventDefault();
          submit();
        }}
      />
      <Button disabled={id === ''} onClick={submit}>
        Add the client
      </Button>
    </div>
  );
}
