import { type ComponentProps, useId } from 'react';
import { type Need, useRefusal } from '../api/permissions.ts';
import { Button, ButtonLink } from './Button.tsx';

/**
 * A button for an action that the caller's policies may not permit. Then it stays in place and can be reached by keyboard;
 * it shows the reason and does nothing.
 */
export function GuardedButton({ needs, ...rest }: ComponentProps<typeof Button> & { needs: Need }) {
  const refusal = useRefusal(needs);
  return refusal === undefined ? <Button {...rest} /> : <RefusedButton {...rest} reason={refusal} />;
}

/** The same for a link to a page that only changes something. */
export function GuardedLink({ needs, ...rest }: ComponentProps<typeof ButtonLink> & { needs: Need }) {
  const refusal = useRefusal(needs);
  if (refusal === undefined) return <ButtonLink {...rest} />;
  const { look, size, children } = rest as ComponentProps<typeof Button>;
  return (
    <RefusedButton look={look} size={size} reason={refusal}>
      {children}
    </RefusedButton>
  );
}

function RefusedButton({ reason, children, ...rest }: ComponentProps<typeof Button> & { reason: string }) {
  const id = useId();
  return (
    <>
      <Button {...rest} type="button" onClick={undefined} aria-disabled aria-describedby={id} title={reason}>
        {children}
      </Button>
      <span id={id} className="hidden">
        {reason}
      </span>
    </>
  );
}
