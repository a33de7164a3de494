import type { ReactNode } from 'react'
import { useEffect, useRef } from 'react'

type Given = { label: ReactNode; below?: ReactNode; shape: string; isUp?: boolean; children: ReactNode }

/** A few links and buttons behind a name: the browser's own disclosure, closed by Escape and by going elsewhere. */
export function Menu({ label, below, shape, isUp, children }: Given) {
  const place = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    const close = () => place.current?.removeAttribute('open')
    const escape = (event: KeyboardEvent) => event.key === 'Escape' && close()
    const outside = ({ target }: Event) => !place.current?.contains(target as Node) && close()
    document.addEventListener('keydown', escape)
    document.addEventListener('pointerdown', outside)
    document.addEventListener('focusin', outside)
    return () => {
      document.removeEventListener('keydown', escape)
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('focusin', outside)
    }
  }, [])
  return (
    <details ref={place} className="relative min-w-0 flex-1">
      <summary className={NAME}>
        <span className="flex min-w-0 flex-col">
          <span className={`truncate ${shape}`}>{label}</span>
          {below && <span className="truncate text-xs text-soft">{below}</span>}
        </span>
        <span aria-hidden="true">⌄</span>
      </summary>
      <div className={`${LIST} ${isUp ? 'md:bottom-full' : ''}`}>{children}</div>
    </details>
  )
}

const NAME = 'flex min-h-10 cursor-pointer list-none items-center justify-between gap-2 rounded-md px-2 hover:bg-sunken'

const LIST =
  'absolute start-0 z-30 flex min-w-52 flex-col rounded-md border border-line bg-raised p-1 shadow-lg ' +
  '[&>*]:flex [&>*]:min-h-9 [&>*]:items-center [&>*]:justify-between [&>*]:gap-3 [&>*]:rounded [&>*]:px-3 ' +
  '[&>*]:text-start [&>*]:text-sm [&>*:hover]:bg-sunken'
