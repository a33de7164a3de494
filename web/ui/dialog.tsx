import type { ReactNode } from 'react'
import { useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Problem } from '../dashboard/problem.ts'
import { Button } from './button.tsx'
import { TextField } from './field.tsx'
import { Failed } from './states.tsx'

type Given = { close: () => void; title: string; children: ReactNode }

/** The browser's own: it keeps the focus inside, takes Escape, and gives the focus back to where it came from. */
export function Dialog({ close, title, children }: Given) {
  const place = useRef<HTMLDialogElement>(null)
  const name = useId()
  useEffect(() => place.current?.showModal(), [])
  return (
    <dialog
      ref={place}
      aria-labelledby={name}
      className={WINDOW}
      onClose={close}
      onClick={({ target }) => target === place.current && close()}
    >
      <div className="flex flex-col gap-4 p-6">
        <h2 id={name} className="text-lg font-semibold">
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  )
}

const WINDOW =
  'm-auto max-h-[90dvh] w-[min(34rem,calc(100vw-2rem))] overflow-y-auto rounded-lg border border-line bg-raised ' +
  'text-ink shadow-xl backdrop:bg-black/40'

type Asked = Given & {
  name: string
  press: string
  busy: boolean
  problem: Problem | null
  /** What else has to be said first. */
  missing?: string | undefined
  confirm: () => void
}

/** For what cannot be undone: its consequences, and its name to be typed before the button does anything. */
export function Confirm({ close, title, name, press, busy, problem, missing, children, confirm }: Asked) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const isSame = typed.trim() === name
  return (
    <Dialog close={close} title={title}>
      <div>{children}</div>
      <TextField label={t('confirm.type', { name })} value={typed} onChange={(event) => setTyped(event.target.value)} />
      {problem && <Failed problem={problem} />}
      <div className="flex justify-end gap-2">
        <Button autoFocus onClick={close}>
          {t('cancel')}
        </Button>
        <Button look="danger" busy={busy} lacking={isSame ? missing : t('confirm.first')} onClick={confirm}>
          {press}
        </Button>
      </div>
    </Dialog>
  )
}
