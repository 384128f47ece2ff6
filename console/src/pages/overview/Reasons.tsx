import { CircleCheck } from 'lucide-react';
import type { Overview } from '../../api/overview.ts';
import { Card } from '../../ui/Page.tsx';
import { Empty } from '../../ui/State.tsx';

const MAX_REASONS = 6;

/** What the error codes of token requests mean, in few words. */
const MEANINGS: Readonly<Record<string, string>> = {
  invalid_client: 'no such client, or its credential is wrong',
  invalid_request: 'a parameter is missing or malformed',
  invalid_grant: 'a refresh token or assertion is not valid',
  invalid_scope: 'the scope is malformed or not known',
  invalid_target: 'no such audience, or not for this client',
  unauthorized_client: 'the client may not use this grant',
  unsupported_grant_type: 'no such grant type',
  access_denied: 'the policies grant nothing of it',
  too_many_requests: 'a quota or a limit was reached',
  temporarily_unavailable: 'the database did not answer',
  server_error: 'a fault of the server: see its log',
};

export function Reasons({ refusals }: { refusals: Overview['tokens']['refusals'] }) {
  if (refusals.length === 0) {
    return (
      <Card flush title="Refused, by reason">
        <Empty icon={CircleCheck} title="No token request was refused in the last hour" />
      </Card>
    );
  }
  const most = refusals[0]?.count ?? 1;
  return (
    <Card flush title="Refused, by reason">
      <table className="table">
        <caption className="hidden">Refused token requests of the last hour, by reason</caption>
        <thead className="hidden">
          <tr>
            <th scope="col">Reason</th>
            <th scope="col">Requests</th>
          </tr>
        </thead>
        <tbody>
          {refusals.slice(0, MAX_REASONS).map(({ reason, count }) => (
            <tr key={reason}>
              <td>
                <code>{reason}</code>
                <div className="small faint">{MEANINGS[reason]}</div>
                <svg className="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                  <rect className="share-rest" width="100" height="4" />
                  <rect className="share-used" width={(count / most) * 100} height="4" />
                </svg>
              </td>
              <td className="number">{count.toLocaleString('en')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
