import { Link, type LinkProps } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';

interface Crumb {
  name: string;
  to: NonNullable<LinkProps['to']>;
}

/** The head of a page: its place, its title and its actions. */
export function Page({
  title,
  about,
  crumb,
  actions,
  children,
}: {
  title: string;
  about?: ReactNode;
  crumb?: Crumb;
  actions?: ReactNode;
  children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Latchkey`;
  }, [title]);
  return (
    <>
      <header className="page-head">
        <div>
          {crumb !== undefined && (
            <Link className="crumb" to={crumb.to}>
              <ChevronLeft size={14} aria-hidden /> {crumb.name}
            </Link>
          )}
          <h1>{title}</h1>
          {about !== undefined && <p>{about}</p>}
        </div>
        {actions !== undefined && <div className="row">{actions}</div>}
      </header>
      {children}
    </>
  );
}

export function Card({
  title,
  actions,
  flush = false,
  children,
}: {
  title?: string;
  actions?: ReactNode;
  flush?: boolean;
  children: ReactNode;
}) {
  return (
    <section className={flush ? 'card flush' : 'card'}>
      {title !== undefined && (
        <div className="card-head">
          <h2>{title}</h2>
          {actions !== undefined && <div className="row">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

export function Facts({ of }: { of: [string, ReactNode][] }) {
  const given = of.filter(([, value]) => value !== undefined && value !== false && value !== '');
  return (
    <dl className="facts">
      {given.map(([name, value]) => (
        <Fact key={name} name={name} value={value} />
      ))}
    </dl>
  );
}

const Fact = ({ name, value }: { name: string; value: ReactNode }) => (
  <>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </>
);
