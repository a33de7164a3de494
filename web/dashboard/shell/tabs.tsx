import type { KeyboardEvent, ReactNode } from 'react'
import { useId } from 'react'

type Tab = { key: string; title: string; panel: ReactNode }
type Given = { label: string; chosen: string; choose: (tab: string) => void; tabs: readonly Tab[] }

/** One of several parts of a screen; which one stands in the address. Arrows go along as one reads. */
export function Tabs({ label, chosen, choose, tabs }: Given) {
  const id = useId()
  const at = Math.max(
    0,
    tabs.findIndex(({ key }) => key === chosen),
  )
  const steer = (event: KeyboardEvent<HTMLElement>) => {
    const ahead = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight'
    const step = event.key === ahead ? 1 : /^Arrow(Left|Right)$/.test(event.key) ? -1 : 0
    const next = tabs[(at + step + tabs.length) % tabs.length]
    if (step === 0 || !next) return
    choose(next.key)
    document.getElementById(`${id}-${next.key}`)?.focus()
  }
  return (
    <div className="flex flex-col gap-4">
      <div role="tablist" aria-label={label} className="no-print flex gap-1 border-b border-line" onKeyDown={steer}>
        {tabs.map(({ key, title }, index) => (
          <button
            key={key}
            id={`${id}-${key}`}
            type="button"
            role="tab"
            aria-selected={index === at}
            aria-controls={`${id}-panel`}
            tabIndex={index === at ? 0 : -1}
            className={TAB}
            onClick={() => choose(key)}
          >
            {title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tabs[at]?.key}`}>
        {tabs[at]?.panel}
      </div>
    </div>
  )
}

const TAB =
  '-mb-px min-h-10 border-b-2 border-transparent px-3 text-sm text-soft hover:text-ink aria-selected:border-accent ' +
  'aria-selected:font-medium aria-selected:text-ink'
