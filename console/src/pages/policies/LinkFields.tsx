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
  const [id, setId] = useState('');
  const linked = linkedOf(document);
  const isForAll = document.everyone === true;
  const set = (ids: string[]) => change({ ...document, link: linksTo(ids) });
  const add = () => {
    if (!linked.includes(id)) set([...linked, id]);
    setId('');
  };
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
            <ul className="row">
              {linked.slice(0, MAX_SHOWN).map((client) => (
                <li key={client} className="tag">
                  {client}
                  <Button
                    size="small"
                    icon
                    look="plain"
                    aria-label={`Take ${client} away`}
                    onClick={() => set(linked.filter((one) => one !== client))}
                  >
                    <X size={14} aria-hidden />
                  </Button>
                </li>
              ))}
              {linked.length > MAX_SHOWN && <li className="small">and {linked.length - MAX_SHOWN} more</li>}
            </ul>
            <div className="row end">
              <TextField
                label="Client id"
                value={id}
                spellCheck={false}
                onChange={(event) => setId(event.target.value.trim())}
                onKeyDown={(event) => {
                  if (event.key !== 'Enter' || id === '') return;
                  event.preventDefault();
                  add();
                }}
              />
              <Button disabled={id === ''} onClick={add}>
                Add the client
              </Button>
            </div>
          </>
        )}
      </div>
    </fieldset>
  );
}
