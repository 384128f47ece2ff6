import { Ban, Check, Clock, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

type Tone = 'good' | 'warn' | 'danger' | 'neutral';

const ICONS: Record<Tone, LucideIcon> = { good: Check, warn: Clock, danger: TriangleAlert, neutral: Ban };

/** A state in a word, an icon and a colour: never by colour alone. */
export function Badge({ tone, icon, children }: { tone: Tone; icon?: LucideIcon; children: ReactNode }) {
  const Icon = icon ?? ICONS[tone];
  return (
    <span className={`badge ${tone}`}>
      <Icon size={12} strokeWidth={2.5} aria-hidden />
      {children}
    </span>
  );
}
