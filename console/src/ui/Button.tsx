import { createLink } from '@tanstack/react-router';
import { type ComponentProps, forwardRef } from 'react';

interface Look {
  look?: 'primary' | 'danger' | 'plain' | undefined;
  size?: 'small' | undefined;
  /** Only an icon: it needs an `aria-label`. */
  icon?: boolean | undefined;
}

const classOf = ({ look, size, icon }: Look) =>
  ['button', look, size, icon === true ? 'icon' : undefined].filter(Boolean).join(' ');

export const Button = forwardRef<HTMLButtonElement, ComponentProps<'button'> & Look>(function Button(
  { look, size, icon, ...rest },
  ref,
) {
  return <button ref={ref} type="button" {...rest} className={classOf({ look, size, icon })} />;
});

const Anchor = forwardRef<HTMLAnchorElement, ComponentProps<'a'> & Look>(function Anchor(
  { look, size, icon, ...rest },
  ref,
) {
  return <a ref={ref} {...rest} className={classOf({ look, size, icon })} />;
});

/** A link that looks like a button. */
export const ButtonLink = createLink(Anchor);
