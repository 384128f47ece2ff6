import { isSecret } from '../../../administration/clients/client.dto.js';
import { dateTime } from '../../../administration/documents/date-time.js';
import { type Check, Is, Optional, text } from '../../../administration/documents/member-checks.js';
import { nowMilliseconds } from '../../../runtime/clock.js';

const SECRET_ID = /^[0-9a-f-]{36}$/;

export const futureTime: Check = (value, owner) => {
  const fault = dateTime(value, owner);
  if (fault !== undefined) return fault;
  return Date.parse(String(value)) > nowMilliseconds() ? undefined : 'must be in the future';
};

export class AddSecretMembers {
  /** A chosen secret; absent: one is generated. */
  @Optional()
  @Is((value) => (isSecret(value) ? undefined : 'must be 8 to 255 characters without control characters'))
  secret?: string;

  @Optional()
  @Is(text(0, 255))
  description?: string;

  @Optional()
  @Is(futureTime)
  end?: string;
}

export class EndSecretMembers {
  /** As in `secrets` of the client. */
  @Is((value) =>
    typeof value === 'string' && SECRET_ID.test(value) ? undefined : 'must be the id of a secret',
  )
  id!: string;
}
