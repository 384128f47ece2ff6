import { Note } from '../../../ui/State.tsx';
import { Time } from '../../../ui/Time.tsx';
import type { BlastRadius } from './blast-radius.ts';

/** Until when a token of a disabled client is still accepted somewhere. */
export const ContainedNote = ({ tokens: { jwts_end, more } }: { tokens: BlastRadius['tokens'] }) => (
  <Note tone="good" title="Contained: the client is disabled, and its sessions are closed">
    <p>APIs that introspect or ask this server refuse its tokens now.</p>
    {jwts_end !== undefined && new Date(jwts_end).getTime() > Date.now() ? (
      <p>
        APIs that verify JWTs themselves accept its tokens until <Time at={jwts_end} full />
        {more && ' at the latest'}, plus their clock tolerance.
      </p>
    ) : (
      <p>No JWT of it is valid any more: every API refuses it.</p>
    )}
  </Note>
);
