import { Dialog } from '@base-ui/react/dialog';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { Eye, LogOut, Menu, Moon, Sun } from 'lucide-react';
import { Suspense, useEffect, useRef, useState } from 'react';
import { useIsViewer } from '../api/permissions.ts';
import { queryClient } from '../api/queries.ts';
import { signOut, useSession } from '../api/session.ts';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { Loading } from '../ui/State.tsx';
import { Brand } from './Brand.tsx';
import { NAVIGATION } from './navigation.ts';
import { SignIn } from './SignIn.tsx';
import { chooseTheme, useTheme } from './theme.ts';

const LOAD_AHEAD_MS = 2_000;

/** Without a session every address shows the sign-in, and itself afterwards. */
export function Shell() {
  return useSession() === undefined ? <SignIn /> : <Frame />;
}

function Frame() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const first = useRef(true);
  useEffect(() => {
    const timer = setTimeout(loadOtherPages, LOAD_AHEAD_MS);
    return () => clearTimeout(timer);
  }, []);
  // A screen reader and the keyboard continue in the page that a link opened.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each change of the path.
  useEffect(() => {
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
    window.scrollTo(0, 0);
  }, [pathname]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="top">
        <Brand />
        <Drawer />
      </header>
      <header className="side">
        <Side />
      </header>
      <main id="main" className="main" ref={main} tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}

/** All pages are one file of the build; if loading it fails here, the first page that needs it shows the error. */
const loadOtherPages = () => import('../pages/clients/ClientsPage.tsx').catch(() => undefined);

function Drawer() {
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a followed link closes it.
  useEffect(() => setOpen(false), [pathname]);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger className="button icon" aria-label="Open the menu">
        <Menu size={18} aria-hidden />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="drawer" aria-label="Menu">
          <div className="side">
            <Side />
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const EXACT = { exact: true, includeSearch: false };
const BELOW = { exact: false, includeSearch: false };

function Side() {
  return (
    <>
      <Brand />
      <nav className="nav" aria-label="Pages">
        {NAVIGATION.map(({ name, destinations }) => (
          <div key={name}>
            <h2>{name}</h2>
            <ul>
              {destinations.map(({ to, name: page, icon: Icon }) => (
                <li key={page}>
                  <Link to={to} activeOptions={to === '/' ? EXACT : BELOW}>
                    <Icon size={17} strokeWidth={1.9} aria-hidden /> {page}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <Account />
    </>
  );
}

function Account() {
  const session = useSession();
  const theme = useTheme();
  const isViewer = useIsViewer();
  const leave = async () => {
    await signOut();
    queryClient.clear();
  };
  const Icon = theme === 'dark' ? Sun : Moon;
  return (
    <div className="account">
      <div className="small soft">
        Signed in as <strong>{session?.clientId}</strong>
        {isViewer && (
          <div>
            <Badge tone="neutral" icon={Eye}>
              Read only
            </Badge>
          </div>
        )}
      </div>
      <div className="row">
        <Button size="small" onClick={leave}>
          <LogOut size={14} aria-hidden /> Sign out
        </Button>
        <Button
          size="small"
          icon
          look="plain"
          aria-label={theme === 'dark' ? 'Light colours' : 'Dark colours'}
          onClick={() => chooseTheme(theme === 'dark' ? 'light' : 'dark')}
        >
          <Icon size={15} aria-hidden />
        </Button>
      </div>
    </div>
  );
}
