import { Dialog as Base } from '@base-ui/react/dialog'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Problem } from '../dashboard/problem.ts'
import { Button } from './button.tsx'
import { TextField } from './field.tsx'
import { Failed } from './states.tsx'

type Given = { open: boolean; close: () => void; title: string; children: ReactNode }

export function Dialog({ open, close, title, children }: Given) {
  return (
    <Base.Root open={open} onOpenChange={(isOpen) => !isOpen && close()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Base.Popup className={POPUP}>
          <Base.Title className="text-lg font-semibold">{title}</Base.Title>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

const POPUP =
  'fixed start-1/2 top-1/2 z-50 flex max-h-[90dvh] w-[min(34rem,calc(100vw-2rem))] -translate-y-1/2 flex-col gap-4 ' +
  'overflow-y-auto rounded-lg border border-line bg-raised p-6 shadow-xl ltr:-translate-x-1/2 rtl:translate-x-1/2'

/** For what cannot be undone: its consequences, and its name to be typed before the button does anything. */
export function Confirm({
  open,
  close,
  title,
  name,
  press,
  busy,
  problem,
  children,
  confirm,
}: Given & { name: string; press: string; busy: boolean; problem: Problem | null; confirm: () => void }) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const isSame = typed.trim() === name
  return (
    <Dialog {...{ open, close, title }}>
      <div>{children}</div>
      <TextField label={t('confirm.type', { name })} value={typed} onChange={(event) => setTyped(event.target.value)} />
      {problem && <Failed problem={problem} />}
      <div className="flex justify-end gap-2">
        <Button autoFocus onClick={close}>
          {t('cancel')}
        </Button>
        <Button look="danger" busy={busy} lacking={isSame ? undefined : t('confirm.first')} onClick={confirm}>
          {press}
        </Button>
      </div>
    </Dialog>
  )
}
