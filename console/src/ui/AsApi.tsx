import { Code2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { toYaml } from '../api/yaml.ts';
import { Button } from './Button.tsx';
import { CodeBlock } from './Code.tsx';
import { Dialog } from './Dialog.tsx';
import { quoted } from './shell.ts';

interface Shown {
  path: string;
  /** Posted as JSON, or, as text, the name of a YAML file with it. */
  sent?: object | string;
  /** What the request returned. */
  body?: unknown;
}

/** The data of this page for a terminal and for a repository: the request with curl, and the response in YAML. */
export function AsApi({ path, sent, body }: Shown) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Code2 size={16} aria-hidden /> API
      </Button>
      <Dialog broad title="This page as an API call" open={open} close={() => setOpen(false)}>
        <p className="soft">
          The console has no access of its own. <code>$ROOT</code> is <code>client id:secret</code> of a
          client that has <code>basic</code>.
        </p>
        <CodeBlock label="As curl" text={curlOf(path, sent)} />
        {body !== undefined && open && <AsYaml body={body} />}
        <div className="dialog-actions">
          <Button onClick={() => setOpen(false)}>Close</Button>
        </div>
      </Dialog>
    </>
  );
}

export function curlOf(path: string, sent?: object | string): string {
  const request = `curl -u "$ROOT" ${quoted(location.origin + path)} \\\n  -H 'Accept: text/yaml'`;
  if (sent === undefined) return request;
  const [type, data] =
    typeof sent === 'string' ? ['text/yaml', `@${sent}`] : ['application/json', quoted(JSON.stringify(sent))];
  return `${request} -H 'Content-Type: ${type}' \\\n  --data-binary ${data}`;
}

function AsYaml({ body }: { body: unknown }) {
  const [text, setText] = useState('');
  useEffect(() => {
    let current = true;
    void toYaml(body).then((yaml) => current && setText(yaml));
    return () => {
      current = false;
    };
  }, [body]);
  return <CodeBlock label="As YAML" text={text} />;
}
