import { keepPreviousData, QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useToast } from '../ui/Toast.tsx';
import { ApiError } from './api-error.ts';
import type { Bundle } from './documents.ts';
import { type Answer, type Call, call } from './request.ts';

const FRESH_MS = 5_000;
const RETRY_MS = 2_000;
/** A request that the server gave up is repeated after so many times of what it took: most of its time is left for others. */
const RETRY_PAUSES = 4;
const MAX_RETRY_MS = 10_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Its offline detection does not work for loopback and private networks.
      networkMode: 'always',
      staleTime: FRESH_MS,
      retry: false,
      refetchInterval: ({ state }) => retryMs(state.error) ?? false,
    },
    mutations: { networkMode: 'always', gcTime: 0 },
  },
});

const UNAVAILABLE = 503;

/** Undefined: only an outage ends by itself. */
function retryMs(error: unknown): number | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.isUnreachable) return RETRY_MS;
  if (error.status !== UNAVAILABLE) return undefined;
  return Math.min(MAX_RETRY_MS, Math.max(RETRY_MS, RETRY_PAUSES * error.tookMs));
}

/** The response of the API at a path, with its entity tag; reloaded every `refreshMs`, if given. */
export function useRead<T>(path: string, { enabled = true, refreshMs }: Reading = {}) {
  return useQuery<Answer<T>, ApiError>({
    queryKey: [path],
    queryFn: ({ signal }) => call<T>(path, { signal }),
    enabled,
    ...(refreshMs === undefined ? {} : { refetchInterval: ({ state }) => retryMs(state.error) ?? refreshMs }),
  });
}

interface Reading {
  enabled?: boolean;
  refreshMs?: number;
}

/** A page of a list; it is shown until the next one has loaded. */
export function useList<T>(path: string) {
  return useQuery<Answer<Bundle<T>>, ApiError>({
    queryKey: [path],
    queryFn: ({ signal }) => call<Bundle<T>>(path, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** A query by POST, which changes nothing. */
export function useQuestion<T>(path: string, body: object, enabled = true) {
  return useQuery<Answer<T>, ApiError>({
    queryKey: [path, body],
    queryFn: ({ signal }) => call<T>(path, { method: 'POST', body, signal }),
    enabled,
  });
}

/** A change. Afterwards all shown data is reloaded, because one write may change several documents. */
export function useChange<T = unknown>(done?: string) {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation<Answer<T>, ApiError, Call & { path: string }>({
    mutationFn: ({ path, ...change }) => call<T>(path, change),
    onSuccess: () => {
      if (done !== undefined) toast(done);
      void client.invalidateQueries();
    },
  });
}

/** A query by POST on a click; its result is not cached. */
export function useAsk<T, Asked = Call & { path: string }>(
  ask: (asked: Asked) => Promise<T> = async (asked) => {
    const { path, ...rest } = asked as Call & { path: string };
    return (await call<T>(path, rest)).body;
  },
) {
  return useMutation<T, ApiError, Asked>({ mutationFn: ask });
}
