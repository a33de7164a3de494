import { useTranslation } from 'react-i18next'
import { untell, useTold } from './tell.ts'

/** What was done, and the way to undo it; never the only place where something went wrong is told. */
export function Toasts() {
  const { t } = useTranslation()
  return (
    <div role="status" className="fixed end-4 bottom-4 z-40 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2">
      {useTold().map(({ id, title, undo }) => (
        <div
          key={id}
          className="flex items-center justify-between gap-4 rounded-md border border-line bg-raised p-4 shadow-lg"
        >
          <p className="text-sm font-medium">{title}</p>
          <span className="flex gap-2">
            {undo && (
              <button
                type="button"
                className="text-sm font-medium text-accent underline"
                onClick={() => (undo.run(), untell(id))}
              >
                {undo.press}
              </button>
            )}
            <button
              type="button"
              aria-label={t('close')}
              className="size-6 rounded hover:bg-sunken"
              onClick={() => untell(id)}
            >
              ×
            </button>
          </span>
        </div>
      ))}
    </div>
  )
}
