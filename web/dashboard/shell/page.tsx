import type { ReactNode } from 'react'

/** One title, one action at its end, and what the page is about below. */
export const Page = ({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) => (
  <article className="mx-auto flex max-w-6xl flex-col gap-5">
    <header className="flex flex-wrap items-center justify-between gap-3">
      <h1 className="text-2xl font-semibold">{title}</h1>
      {action && <div className="no-print flex gap-2">{action}</div>}
    </header>
    {children}
  </article>
)

export const Card = ({ children }: { children: ReactNode }) => (
  <section className="overflow-hidden rounded-lg border border-line bg-raised">{children}</section>
)
