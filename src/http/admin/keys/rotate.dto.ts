import { flag, Is, Optional, text } from '../../../administration/documents/member-checks.js';

/** How to rotate: at the next announcement, immediately, or because a key was compromised. */
export class RotateMembers {
  @Optional()
  @Is(flag)
  immediately?: boolean;

  @Optional()
  @Is((value, owner) =>
    'immediately' in owner && value !== undefined
      ? 'cannot be combined with immediately'
      : text(1, 64)(value, owner),
  )
  compromised?: string;
}
