import { useEffect, useState } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { toYaml } from '../../api/yaml.ts';
import { useFilters } from '../../ui/use-search.ts';
import { documentOf } from './editable.ts';

type Members = Record<string, unknown>;

const YAML = 'yaml';

/**
 * The one document behind a form and its YAML: its members while the form is shown, its text otherwise. Which of both is
 * shown is in the address.
 */
export function useViews(initial: string, hasForm: boolean) {
  const { filters, set } = useFilters();
  const isForm = hasForm && filters.as !== YAML;
  const [text, setText] = useState(initial);
  const [draft, setDraft] = useState<Members>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address changes only when another view is chosen.
  useEffect(() => {
    if (isForm && draft === undefined) void documentOf(text).then(setDraft, () => set('as', YAML));
    if (!isForm && draft !== undefined)
      void toYaml(draft).then((yaml) => {
        setText(yaml);
        setDraft(undefined);
      });
  }, [isForm, draft, text]);
  return {
    isForm,
    text,
    draft,
    read: async (): Promise<Members> => draft ?? documentOf(text),
    write: (next: string) => {
      setText(next);
      setDraft(undefined);
    },
    change: setDraft,
    /** Fails where the text is no document. */
    showForm: async () => {
      await documentOf(text);
      set('as', '');
    },
    showText: async () => set('as', YAML),
  };
}

export type Views = ReturnType<typeof useViews>;

export function ViewSwitch({
  views,
  failed,
}: {
  views: Views;
  failed: (error: ApiError | undefined) => void;
}) {
  const { isForm } = views;
  const show = (convert: () => Promise<void>) =>
    convert().then(
      () => failed(undefined),
      (error: ApiError) => failed(error),
    );
  return (
    // biome-ignore lint/a11y/useSemanticElements: it groups two buttons, and no fields.
    <div className="segments" role="group" aria-label="How the document is shown">
      <button type="button" aria-pressed={isForm} onClick={() => void show(views.showForm)}>
        Form
      </button>
      <button type="button" aria-pressed={!isForm} onClick={() => void show(views.showText)}>
        YAML
      </button>
    </div>
  );
}
