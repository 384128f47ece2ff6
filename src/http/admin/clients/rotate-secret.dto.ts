import { flag, Is, Optional, wholeNumber } from '../../../administration/documents/member-checks.js';

const MAX_OVERLAP_SECONDS = 90 * 24 * 60 * 60;

export class RotateSecretMembers {
  /** How long the older secrets stay valid, in seconds. */
  @Optional()
  @Is(wholeNumber(0, MAX_OVERLAP_SECONDS))
  overlap?: number;

  @Optional()
  @Is(flag)
  close_sessions?: boolean;
}
