import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Dialog } from '../../ui/dialog.tsx'

const KEYS = ['palette', 'help', 'escape'] as const

/** `?` shows what the keyboard can do; it says nothing to whoever is typing. */
export function Shortcuts() {
  const { t } = useTranslation()
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key === '?' && !(event.target as Element).closest('input, textarea, select, [contenteditable]'))
        setOpen(true)
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  if (!isOpen) return null
  return (
    <Dialog close={() => setOpen(false)} title={t('shortcuts')}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {KEYS.map((key) => (
          <div key={key} className="contents">
            <dt>
              <kbd dir="ltr" className="rounded border border-line bg-sunken px-2 py-0.5 text-sm">
                {t(`shortcut.${key}.keys`)}
              </kbd>
            </dt>
            <dd>{t(`shortcut.${key}`)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
