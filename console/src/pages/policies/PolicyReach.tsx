import { Link } from '@tanstack/react-router';
import type { PolicyDocument } from '../../api/documents.ts';

/** Which clients a policy is for. */
export function PolicyReach({
  policy: { everyone, link = [] },
  max,
}: {
  policy: PolicyDocument;
  max: number;
}) {
  if (everyone === true) return <strong>Everyone</strong>;
  return (
    <span className="row">
      {link.slice(0, max).map(({ id }) => (
        <Link key={id} to="/clients/$id/permissions" params={{ id }}>
          {id}
        </Link>
      ))}
      {link.length > max && <span className="small faint">and {link.length - max} more</span>}
    </span>
  );
}

export function summaryOf({ engine, rules = [] }: PolicyDocument): string {
  if (engine === 'allow') return 'everything';
  const denies = rules.filter(({ effect }) => effect === 'deny').length;
  const allows = rules.length - denies;
  const parts = [allows > 0 ? `${allows} allow` : '', denies > 0 ? `${denies} deny` : ''].filter(Boolean);
  return parts.join(', ') || 'nothing';
}
