import { Is, Optional, text } from '../../../administration/documents/member-checks.js';

export class ContainMembers {
  /** For the audit event. */
  @Optional()
  @Is(text(1, 255))
  reason?: string;
}
