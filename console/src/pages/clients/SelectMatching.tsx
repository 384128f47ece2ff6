import type { ApiError } from '../../api/api-error.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorNote } from '../../ui/State.tsx';
import { MAX_MATCHING } from './client-search.ts';

/** Offers to select what the search finds beyond the page that is shown. */
export function SelectMatching({
  total,
  loading,
  select,
}: {
  /** Undefined if there are too many to count. */
  total: number | undefined;
  loading: { isFetching: boolean; error: ApiError | null };
  select: () => void;
}) {
  if (total === undefined || total > MAX_MATCHING) {
    return (
      <span className="small soft">
        {total?.toLocaleString('en') ?? 'More than 10,000'} match: narrow the search to{' '}
        {MAX_MATCHING.toLocaleString('en')} to select them all.
      </span>
    );
  }
  if (loading.error !== null) return <ErrorNote error={loading.error} />;
  return (
    <Button size="small" disabled={loading.isFetching} onClick={select}>
      Select all {total} clients that match
    </Button>
  );
}
