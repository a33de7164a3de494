import { Toast } from '@base-ui/react/toast'
import { useTranslation } from 'react-i18next'

/** What was done, and the way to undo it; never the only place where something went wrong is told. */
export function Toasts() {
  const { t } = useTranslation()
  const { toasts } = Toast.useToastManager()
  return (
    <Toast.Portal>
      <Toast.Viewport className="fixed end-4 bottom-4 z-50 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2">
        {toasts.map((toast) => (
          <Toast.Root key={toast.id} toast={toast} className="rounded-md border border-line bg-raised p-4 shadow-lg">
            <Toast.Content className="flex items-center justify-between gap-4">
              <Toast.Title className="text-sm font-medium" />
              <div className="flex gap-2">
                <Toast.Action className="text-sm font-medium text-accent underline" />
                <Toast.Close aria-label={t('close')} className="size-6 rounded hover:bg-sunken">
                  ×
                </Toast.Close>
              </div>
            </Toast.Content>
          </Toast.Root>
        ))}
      </Toast.Viewport>
    </Toast.Portal>
  )
}
