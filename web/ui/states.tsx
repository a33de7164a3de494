import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Problem } from '../dashboard/problem.ts'
import { Button } from './button.tsx'
import { Code } from './text.tsx'

/** The five states of anything that is asked for, so that nobody meets an empty box or a wheel that turns for ever. */
export function Loading({ rows = 6 }: { rows?: number }) {
  const { t } = useTranslation()
  return (
    <div
      role="status"
      aria-label={t('state.loading')}
      className="animate-pulse space-y-3 p-4 motion-reduce:animate-none"
    >
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} className="h-5 rounded bg-sunken" />
      ))}
    </div>
  )
}

/** Nothing is there yet: what it would be, and the one thing to do. */
export const Empty = ({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) => (
  <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
    <p className="font-medium">{title}</p>
    {children && <p className="max-w-prose text-soft">{children}</p>}
    {action && <div className="mt-3">{action}</div>}
  </div>
)

/** There is something, but not what was looked for. */
export function NoMatch({ clear }: { clear: () => void }) {
  const { t } = useTranslation()
  return <Empty title={t('state.noMatch')} action={<Button onClick={clear}>{t('state.clear')}</Button>} />
}

export function NotAllowed({ permission }: { permission: string }) {
  const { t } = useTranslation()
  return (
    <>
      <h1 className="sr-only">{t('state.notAllowed')}</h1>
      <Empty title={t('state.notAllowed')}>
        {t('state.notAllowed.why')} <Code>{permission}</Code>
      </Empty>
    </>
  )
}

/** Stays until something is done about it, and can be quoted to whoever runs this. */
export function Failed({ problem, retry }: { problem: Problem; retry?: (() => unknown) | undefined }) {
  const { t } = useTranslation()
  const { title, detail } = inWords(problem, t)
  return (
    <div role="alert" className="m-4 rounded-md border border-bad bg-bad-ground p-4 text-bad">
      <p className="font-medium">{title}</p>
      <p>{detail}</p>
      {problem.request && (
        <p className="mt-1 text-sm">
          {t('state.request')} <Code>{problem.request}</Code>
        </p>
      )}
      {retry && (
        <Button className="mt-3" onClick={() => void retry()}>
          {t('state.retry')}
        </Button>
      )}
    </div>
  )
}

/** The server speaks the reader's language; what kept us from hearing it is told by ourselves. */
const inWords = ({ code, title, detail }: Problem, t: (key: string) => string) =>
  title ? { title, detail } : { title: t(`problem.${code}.title`), detail: t(`problem.${code}.detail`) }
