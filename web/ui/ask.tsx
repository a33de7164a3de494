import type { FormEvent, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../dashboard/problem.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Failed } from './states.tsx'

type Given = {
  title: string
  press: string
  busy: boolean
  problem: unknown
  close: () => void
  /** What was filled in, by the names of the fields. */
  send: (values: Readonly<Record<string, string>>) => void
  children: ReactNode
}

/** A question in a window of its own: what is wrong is told inside, and the window stays until it went well. */
export function Ask({ title, press, busy, problem, close, send, children }: Given) {
  const { t } = useTranslation()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!busy) send(typedIn(event.currentTarget))
  }
  return (
    <Dialog close={close} title={title}>
      <form className="flex flex-col gap-4" onSubmit={submit}>
        {children}
        {isProblem(problem) && <Failed problem={problem} />}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button look="main" type="submit" busy={busy}>
            {press}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** What was typed, by the names of the fields. */
export const typedIn = (form: HTMLFormElement): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...new FormData(form)].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
