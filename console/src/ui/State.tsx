import { CircleAlert, CircleCheck, Info, type LucideIcon, PlugZap } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ApiError } from '../api/api-error.ts';
import { Button } from './Button.tsx';

const NOTE_ICONS = { danger: CircleAlert, warn: CircleAlert, good: CircleCheck, info: Info };

export function Note({
  tone = 'info',
  title,
  children,
}: {
  tone?: keyof typeof NOTE_ICONS;
  title?: ReactNode;
  children?: ReactNode;
}) {
  const Icon = NOTE_ICONS[tone];
  return (
    <div className={`note ${tone}`} role={tone === 'danger' ? 'alert' : undefined}>
      <Icon size={18} aria-hidden />
      <div>
        {title !== undefined && <strong>{title}</strong>}
        {children !== undefined && <div>{children}</div>}
      </div>
    </div>
  );
}

/** A problem of the API in its own words, with each invalid member. */
export function ErrorNote({ error, retry }: { error: ApiError; retry?: (() => void) | undefined }) {
  return (
    <Note tone={error.isUnreachable ? 'warn' : 'danger'} title={error.title}>
      {error.message !== '' && <p>{error.message}</p>}
      {error.faults.length > 0 && (
        <ul>
          {error.faults.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              {path !== undefined && <code>{path}</code>} {message}
            </li>
          ))}
        </ul>
      )}
      {retry !== undefined && (
        <div className="row">
          <Button size="small" onClick={retry}>
            Try again
          </Button>
        </div>
      )}
    </Note>
  );
}

/** An empty list, with the next step. */
export function Empty({
  icon: Icon = PlugZap,
  title,
  children,
  actions,
}: {
  icon?: LucideIcon;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="empty">
      <Icon size={28} strokeWidth={1.6} aria-hidden />
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && <div className="row">{actions}</div>}
    </div>
  );
}

const WIDTHS = ['62%', '84%', '47%', '73%', '55%', '80%'];

export function Loading({ lines = 6 }: { lines?: number }) {
  return (
    <div className="stack" role="status" aria-label="Loading">
      {WIDTHS.slice(0, lines).map((width) => (
        <div key={width} className="skeleton" style={{ width }} />
      ))}
    </div>
  );
}

interface Reading<T> {
  data: { body: T } | undefined;
  error: ApiError | null;
  refetch: () => unknown;
}

/** The data of a request, or its error; loaded data stays while the server is unreachable. */
export function Read<T>({ query, children }: { query: Reading<T>; children: (body: T) => ReactNode }) {
  const { data, error, refetch } = query;
  if (data === undefined) {
    return error === null ? <Loading /> : <ErrorNote error={error} retry={() => void refetch()} />;
  }
  return (
    <div className="stack">
      {error !== null && <ErrorNote error={error} retry={() => void refetch()} />}
      {children(data.body)}
    </div>
  );
}
