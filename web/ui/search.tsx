import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './button.tsx'
import { TextField } from './field.tsx'

type Given = {
  label: string
  start?: string | undefined
  find: (text: string) => void
  press?: string
  dir?: 'ltr'
  autoFocus?: boolean
}

/** A word to look for: asked for when it is whole, so that each letter is no question of its own. */
export function Search({ label, start = '', find, press, dir, autoFocus }: Given) {
  const { t } = useTranslation()
  const id = useId()
  const [text, setText] = useState(start)
  return (
    <div role="search" aria-labelledby={id} className="flex flex-wrap items-end gap-2">
      <span id={id} className="sr-only">
        {label}
      </span>
      <TextField
        className="min-w-48 flex-1"
        label={label}
        type="search"
        dir={dir}
        autoFocus={autoFocus}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          // Inside of a form it is no reason to send that.
          event.preventDefault()
          find(text.trim())
        }}
      />
      <Button onClick={() => find(text.trim())}>{press ?? t('find')}</Button>
    </div>
  )
}
