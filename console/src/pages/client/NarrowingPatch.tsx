import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { toYaml } from '../../api/yaml.ts';
import { CodeTabs } from '../../ui/Code.tsx';
import { Note } from '../../ui/State.tsx';

export interface Suggestion {
  policy: string;
  version?: string;
  patch?: object;
  note?: string;
}

/** How one policy would grant exactly what was used of it: ready to be sent, or in words. */
export function NarrowingPatch({ suggestion: { policy, version, patch, note } }: { suggestion: Suggestion }) {
  const link = (
    <Link to="/policies/$id" params={{ id: policy }}>
      {policy}
    </Link>
  );
  if (patch === undefined) return <Note title={link}>{note}</Note>;
  return (
    <section className="stack" aria-label={`Patch of ${policy}`}>
      <h3>{link}</h3>
      <p>
        After this patch the policy grants exactly what was used of it. <code>If-Match</code> refuses the
        patch if the policy was changed meanwhile.
      </p>
      <PatchTexts policy={policy} version={version ?? ''} patch={patch} />
    </section>
  );
}

function PatchTexts({ policy, version, patch }: { policy: string; version: string; patch: object }) {
  const [yaml, setYaml] = useState('');
  useEffect(() => {
    let current = true;
    void toYaml({ resourceType: 'AccessPolicy', id: policy, ...patch }).then(
      (text) => current && setYaml(text),
    );
    return () => {
      current = false;
    };
  }, [policy, patch]);
  return <CodeTabs texts={{ curl: curlOf(policy, version, patch), YAML: yaml }} />;
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function curlOf(policy: string, version: string, patch: object): string {
  return [
    `curl -u "$ROOT" -X PATCH ${quoted(`${location.origin}/AccessPolicy/${policy}`)}`,
    `  -H 'Content-Type: application/merge-patch+json' -H 'If-Match: "${version}"'`,
    `  -d ${quoted(JSON.stringify(patch))}`,
  ].join(' \\\n');
}
