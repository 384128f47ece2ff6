import { Is, Optional, text, wholeNumber } from '../../../administration/documents/member-checks.js';
import { futureTime } from './secrets.dto.js';

const MIN_LIFETIME_SECONDS = 60;
const MAX_LIFETIME_SECONDS = 7 * 24 * 3600;

export class HandOverMembers {
  /** For how long the link can be opened, in seconds. */
  @Optional()
  @Is(wholeNumber(MIN_LIFETIME_SECONDS, MAX_LIFETIME_SECONDS))
  expires_in?: number;

  /** Of the secret. */
  @Optional()
  @Is(text(0, 255))
  description?: string;

  /** Of the secret. */
  @Optional()
  @Is(futureTime)
  end?: string;
}
