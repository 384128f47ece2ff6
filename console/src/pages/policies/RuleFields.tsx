import { Trash2 } from 'lucide-react';
import type { PolicyRule, ResourceDocument } from '../../api/documents.ts';
import { Button } from '../../ui/Button.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';

const EFFECTS = { allow: 'Allow', deny: 'Deny' };

/** One rule: what is allowed or denied, on which objects of which resource. */
export function RuleFields({
  place,
  rule,
  resources,
  change,
  remove,
}: {
  place: number;
  rule: PolicyRule;
  resources: ResourceDocument[];
  change: (next: PolicyRule) => void;
  remove: () => void;
}) {
  return (
    <fieldset className="picker">
      <legend>Rule {place}</legend>
      <div className="stack tight">
        <div className="rule-fields">
          <SelectField
            label="Effect"
            value={rule.effect}
            options={EFFECTS}
            onChange={(event) => change({ ...rule, effect: event.target.value as PolicyRule['effect'] })}
          />
          <SelectField
            label="Resource"
            value={rule.resource}
            options={resourceOptions(rule, resources)}
            onChange={(event) => change({ ...rule, resource: event.target.value, operations: [] })}
          />
          <TextField
            label="Object"
            hint="* is every object"
            value={rule.identifier}
            spellCheck={false}
            onChange={(event) => change({ ...rule, identifier: event.target.value.trim() })}
          />
          <Button look="danger" onClick={remove}>
            <Trash2 size={16} aria-hidden /> Remove<span className="hidden"> rule {place}</span>
          </Button>
        </div>
        <Operations rule={rule} resources={resources} change={change} />
      </div>
    </fieldset>
  );
}

function resourceOptions(rule: PolicyRule, resources: ResourceDocument[]): Record<string, string> {
  const ids = [...resources.map(({ id }) => id), rule.resource].filter((id) => id !== '' && id !== '*');
  return {
    '': 'Choose one',
    '*': '* (all but the server itself)',
    ...Object.fromEntries(ids.map((id) => [id, id])),
  };
}

function Operations({
  rule,
  resources,
  change,
}: {
  rule: PolicyRule;
  resources: ResourceDocument[];
  change: (next: PolicyRule) => void;
}) {
  const own = resources.find(({ id }) => id === rule.resource)?.operations ?? [];
  const names = [...new Set(['*', ...own.map(({ name }) => name), ...rule.operations])];
  const toggle = (name: string) =>
    change({
      ...rule,
      operations: rule.operations.includes(name)
        ? rule.operations.filter((one) => one !== name)
        : [...rule.operations, name],
    });
  return (
    <div className="row checks">
      {names.map((name) => (
        <label key={name} className="check">
          <input type="checkbox" checked={rule.operations.includes(name)} onChange={() => toggle(name)} />
          {name === '*' ? 'every operation' : name}
        </label>
      ))}
    </div>
  );
}
