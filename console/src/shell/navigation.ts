import type { LinkProps } from '@tanstack/react-router';
import {
  BookLock,
  FileCog,
  FlaskConical,
  Gauge,
  Handshake,
  KeyRound,
  type LucideIcon,
  MonitorSmartphone,
  ScrollText,
  ShieldCheck,
  Users,
} from 'lucide-react';

interface Destination {
  to: NonNullable<LinkProps['to']>;
  name: string;
  icon: LucideIcon;
}

export const NAVIGATION: { name: string; destinations: Destination[] }[] = [
  {
    name: 'Access',
    destinations: [
      { to: '/', name: 'Overview', icon: Gauge },
      { to: '/clients', name: 'Clients', icon: Users },
      { to: '/resources', name: 'Resources', icon: BookLock },
      { to: '/policies', name: 'Policies', icon: ShieldCheck },
      { to: '/issuers', name: 'Trusted issuers', icon: Handshake },
    ],
  },
  {
    name: 'Observe',
    destinations: [
      { to: '/try', name: 'Try it', icon: FlaskConical },
      { to: '/sessions', name: 'Sessions', icon: MonitorSmartphone },
      { to: '/audit', name: 'Audit trail', icon: ScrollText },
    ],
  },
  {
    name: 'Server',
    destinations: [
      { to: '/keys', name: 'Signing keys', icon: KeyRound },
      { to: '/configuration', name: 'Configuration', icon: FileCog },
    ],
  },
];
