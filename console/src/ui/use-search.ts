import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

const PAUSE_MS = 250;

type Search = Record<string, string | undefined>;

/**
 * What a page is filtered by, kept in its address: it can be sent to a colleague, and going back returns to it. A new
 * filter starts at the first page.
 */
export function useFilters() {
  const filters = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (next: Search, replace: boolean) =>
    void navigate({
      to: '.',
      search: ((old: Search) => withoutEmpty({ ...old, ...next })) as never,
      replace,
    });
  return {
    filters,
    set: (name: string, value: string) => {
      clearTimeout(timer.current);
      change({ [name]: value, after: undefined }, true);
    },
    /** Once typing pauses. */
    type: (name: string, value: string) => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => change({ [name]: value, after: undefined }, true), PAUSE_MS);
    },
    page: { after: filters.after, go: (after: string | undefined) => change({ after }, false) },
    isFiltered: Object.keys(filters).some((name) => name !== 'after'),
  };
}

const withoutEmpty = (search: Search): Search =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== ''));
