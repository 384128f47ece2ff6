import { CodeBlock } from '../../ui/Code.tsx';
import { decoded } from './decode.ts';

/** The contents of a token that can be read without the server. */
export function Decoded({ token }: { token: string }) {
  const parts = decoded(token);
  if (parts === undefined) {
    return (
      <p className="small soft">
        The token is opaque: nothing can be read in it. Its session at the server says what it is.
      </p>
    );
  }
  return (
    <div className="stack tight">
      <h3>Decoded in this browser, signature not checked</h3>
      <CodeBlock label="Header" text={JSON.stringify(parts.header, null, 2)} />
      <CodeBlock label="Claims" text={JSON.stringify(parts.claims, null, 2)} />
    </div>
  );
}
