import { Plus } from 'lucide-react';
import type { Bundle, PolicyRule, ResourceDocument } from '../../api/documents.ts';
import { rowsOf } from '../../api/documents.ts';
import { useRead } from '../../api/queries.ts';
import { Button } from '../../ui/Button.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { LinkFields } from './LinkFields.tsx';
import { changed, type PolicyDraft, rulesOf, withEngine } from './policy-draft.ts';
import { RuleFields } from './RuleFields.tsx';

const MAX_RESOURCES = 200;
/** More are edited as YAML. */
const MAX_RULES = 100;

const NEW_RULE: PolicyRule = { effect: 'allow', resource: '', identifier: '*', operations: [] };

/** The members of a policy as fields; it changes the same document that YAML shows. */
export function PolicyForm({
  document,
  change,
}: {
  document: PolicyDraft;
  change: (next: PolicyDraft) => void;
}) {
  return (
    <div className="stack">
      <TextField
        label="Description"
        value={String(document.description ?? '')}
        maxLength={1000}
        onChange={(event) => change(changed(document, 'description', event.target.value || undefined))}
      />
      <LinkFields document={document} change={change} />
      <SelectField
        label="What it gives"
        value={document.engine === 'allow' ? 'allow' : 'rules'}
        options={{ rules: 'What its rules say', allow: 'Everything, except on the server itself' }}
        onChange={(event) => change(withEngine(document, event.target.value))}
      />
      {document.engine !== 'allow' && (
        <Rules rules={rulesOf(document)} change={(rules) => change({ ...document, rules })} />
      )}
    </div>
  );
}

function Rules({ rules, change }: { rules: PolicyRule[]; change: (next: PolicyRule[]) => void }) {
  const resources = useRead<Bundle<ResourceDocument>>(`/Resource?_count=${MAX_RESOURCES}`);
  const known = rowsOf(resources.data?.body ?? { link: [] });
  return (
    <div className="stack">
      {rules.slice(0, MAX_RULES).map((rule, at) => (
        <RuleFields
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule has no name but its place.
          key={at}
          place={at + 1}
          rule={rule}
          resources={known}
          change={(next) => change(rules.map((one, place) => (place === at ? next : one)))}
          remove={() => change(rules.filter((_, place) => place !== at))}
        />
      ))}
      {rules.length > MAX_RULES && (
        <p className="small soft">
          {rules.length - MAX_RULES} more rules are in the document: edit them as YAML.
        </p>
      )}
      <div>
        <Button onClick={() => change([...rules, NEW_RULE])}>
          <Plus size={16} aria-hidden /> Add a rule
        </Button>
      </div>
    </div>
  );
}
