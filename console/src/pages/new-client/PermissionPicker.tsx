import type { ResourceDocument } from '../../api/documents.ts';
import { ButtonLink } from '../../ui/Button.tsx';
import { Empty } from '../../ui/State.tsx';

/** The operations of each resource, on all of its objects; single objects are the matter of the policy's document. */
export function PermissionPicker({
  resources,
  chosen,
  choose,
}: {
  resources: ResourceDocument[];
  chosen: ReadonlySet<string>;
  choose: (next: ReadonlySet<string>) => void;
}) {
  if (resources.length === 0) {
    return (
      <Empty title="No resources yet" actions={<ButtonLink to="/resources/new">New resource</ButtonLink>}>
        The client can be created without permissions: its token then only says who it is.
      </Empty>
    );
  }
  const toggle = (item: string) => {
    const next = new Set(chosen);
    if (!next.delete(item)) next.add(item);
    choose(next);
  };
  return (
    <div className="stack">
      {resources.map(({ id, name, audience, uri, operations = [] }) => (
        <fieldset key={id} className="picker">
          <legend>
            {name ?? id} <span className="small faint mono">{audience ?? uri}</span>
          </legend>
          <div className="row">
            {operations.map((operation) => (
              <label key={operation.name} className="check" title={operation.description}>
                <input
                  type="checkbox"
                  checked={chosen.has(`${id}:${operation.name}`)}
                  onChange={() => toggle(`${id}:${operation.name}`)}
                />
                {operation.name}
              </label>
            ))}
          </div>
        </fieldset>
      ))}
    </div>
  );
}
