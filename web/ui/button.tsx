import type { ButtonHTMLAttributes, ReactNode } from 'react'

type Look = 'main' | 'plain' | 'quiet' | 'danger'

/** `lacking` names the permission that is missing: the button stays where it is, and says why it does nothing. */
type ButtonGiven = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: Look
  busy?: boolean | undefined
  lacking?: string | undefined
  children: ReactNode
}

export function Button({ look = 'plain', busy, lacking, children, className = '', onClick, ...rest }: ButtonGiven) {
  const stopped = Boolean(busy) || lacking !== undefined
  const button = (
    <button
      type="button"
      {...rest}
      aria-disabled={stopped || undefined}
      aria-busy={busy || undefined}
      onClick={stopped ? (event) => event.preventDefault() : onClick}
      className={`${SHAPE} ${LOOKS[look]} ${className}`}
    >
      {children}
    </button>
  )
  return lacking === undefined ? button : <Why text={lacking}>{button}</Why>
}

/** A reason that shows on hover and focus, and is read out with what it belongs to. */
export const Why = ({ text, children }: { text: string; children: ReactNode }) => (
  <span className="group relative inline-flex">
    {children}
    <span className="sr-only">{text}</span>
    <span aria-hidden="true" className={REASON}>
      {text}
    </span>
  </span>
)

const REASON =
  'pointer-events-none absolute start-0 top-full z-30 mt-1 hidden w-max max-w-64 rounded-md border border-line ' +
  'bg-raised px-3 py-2 text-sm text-ink shadow-lg group-focus-within:block group-hover:block'

const SHAPE =
  'inline-flex min-h-9 items-center justify-center gap-2 rounded-md px-3.5 text-sm font-medium transition-colors ' +
  'aria-disabled:cursor-not-allowed aria-disabled:opacity-55 aria-busy:cursor-progress aria-pressed:bg-sunken'

const LOOKS: Record<Look, string> = {
  main: 'bg-accent text-on-accent hover:brightness-110',
  plain: 'border border-line bg-raised text-ink hover:bg-sunken',
  quiet: 'text-ink hover:bg-sunken',
  danger: 'border border-bad bg-raised text-bad hover:bg-bad-ground',
}
