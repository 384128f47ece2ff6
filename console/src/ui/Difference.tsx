import { useQuery } from '@tanstack/react-query';
import { toYaml } from '../api/yaml.ts';
import { Loading } from './State.tsx';

interface Part {
  value: string;
  added: boolean;
  removed: boolean;
}

/** Lines that one document has and the other does not, each marked by a sign as well as by colour. */
export function Difference({ label, before, after }: { label: string; before: unknown; after: unknown }) {
  const { data } = useQuery<Part[]>({
    queryKey: ['difference', before ?? null, after ?? null],
    queryFn: async () => {
      const { diffLines } = await import('diff');
      const [old, young] = await Promise.all([textOf(before), textOf(after)]);
      return diffLines(old, young);
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (data === undefined) return <Loading lines={3} />;
  return (
    <div className="code-block">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section tabIndex={0} aria-label={label}>
        <pre className="diff">
          {data.every(({ added, removed }) => !added && !removed) && (
            <span className="soft">No difference</span>
          )}
          {data.flatMap(linesOf).map(({ key, sign, text, kind }) => (
            <span key={key} className={kind}>
              {sign} {text}
            </span>
          ))}
        </pre>
      </section>
    </div>
  );
}

const textOf = async (document: unknown): Promise<string> =>
  document === undefined || document === null
    ? ''
    : typeof document === 'string'
      ? document
      : toYaml(document);

/** How many lines around a change are shown. */
const CONTEXT_LINES = 3;

function linesOf({ value, added, removed }: Part, part: number) {
  const kind = added ? 'added' : removed ? 'removed' : undefined;
  const sign = added ? '+' : removed ? '-' : ' ';
  const lines = value.replace(/\n$/, '').split('\n');
  const shown = kind === undefined ? shortened(lines) : lines;
  return shown.map((text, line) => ({ key: `${part}.${line}`, sign, text, kind }));
}

const shortened = (lines: string[]): string[] =>
  lines.length > 2 * CONTEXT_LINES + 1
    ? [...lines.slice(0, CONTEXT_LINES), '…', ...lines.slice(-CONTEXT_LINES)]
    : lines;
