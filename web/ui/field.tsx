import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes } from 'react'
import { useId } from 'react'

type Common = { label: string; hint?: ReactNode; error?: string | undefined }

/** A label above, a hint and what is wrong below, all of them read out together. */
export function TextField({
  label,
  hint,
  error,
  className = '',
  ...rest
}: Common & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  return (
    <Around {...{ id, label, hint, error }} className={className}>
      <input id={id} {...rest} {...said(id, hint, error)} className={BOX} />
    </Around>
  )
}

export function SelectField({
  label,
  hint,
  error,
  children,
  className = '',
  ...rest
}: Common & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId()
  return (
    <Around {...{ id, label, hint, error }} className={className}>
      <select id={id} {...rest} {...said(id, hint, error)} className={BOX}>
        {children}
      </select>
    </Around>
  )
}

function Around({
  id,
  label,
  hint,
  error,
  children,
  className,
}: Common & { id: string; children: ReactNode; className: string }) {
  return (
    <div className={`flex flex-col gap-1 ${className}`}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-soft">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-sm text-bad">
          {error}
        </p>
      )}
    </div>
  )
}

const said = (id: string, hint: ReactNode, error: string | undefined) => ({
  'aria-invalid': error ? true : undefined,
  'aria-describedby': [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined,
})

const BOX =
  'min-h-9 w-full rounded-md border border-line bg-raised px-3 py-1.5 text-ink placeholder:text-soft ' +
  'aria-invalid:border-bad disabled:opacity-60'
