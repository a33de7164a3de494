import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../../ui/button.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { Code } from '../../../ui/text.tsx'

export const FILTERS = ['action', 'actor', 'target', 'requestId', 'outcome', 'from', 'to'] as const
type Filter = { [K in (typeof FILTERS)[number]]?: string }
type Given = { chosen: Filter; choose: (changes: Filter) => void; clear: () => void }

/** What is asked for as chips, each of which can be taken away, and a form for more. */
export function Filters({ chosen, choose, clear }: Given) {
  const { t } = useTranslation()
  const [isOpen, setOpen] = useState(false)
  const active = FILTERS.filter((key) => chosen[key] !== undefined)
  return (
    <section aria-label={t('filter')} className="no-print flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t('filter')}
        </Button>
        {active.map((key) => (
          <Button key={key} look="quiet" onClick={() => choose({ [key]: undefined })}>
            {t(`audit.filter.${NAMES[key] ?? key}`)}: <Code>{chosen[key]}</Code> <span aria-hidden="true">×</span>
          </Button>
        ))}
        {active.length > 1 && (
          <Button look="quiet" onClick={clear}>
            {t('state.clear')}
          </Button>
        )}
      </div>
      {isOpen && <Form chosen={chosen} choose={choose} />}
    </section>
  )
}

const NAMES: Partial<Record<keyof Filter, string>> = { requestId: 'request' }

function Form({ chosen, choose }: Omit<Given, 'clear'>) {
  const { t } = useTranslation()
  const text = (key: 'action' | 'actor' | 'target' | 'requestId') => (
    <TextField
      dir="ltr"
      label={t(`audit.filter.${NAMES[key] ?? key}`)}
      defaultValue={chosen[key]}
      onBlur={({ target }) => choose({ [key]: target.value.trim() || undefined })}
    />
  )
  const day = (key: 'from' | 'to') => (
    <TextField
      type="date"
      label={t(`audit.filter.${key}`)}
      defaultValue={chosen[key]?.slice(0, 10)}
      onChange={({ target }) => choose({ [key]: target.value ? `${target.value}T00:00:00Z` : undefined })}
    />
  )
  return (
    <form
      className="grid grid-cols-1 gap-3 rounded-lg border border-line bg-raised p-4 sm:grid-cols-2 lg:grid-cols-4"
      onSubmit={(event) => event.preventDefault()}
    >
      {text('action')}
      {text('actor')}
      {text('target')}
      {text('requestId')}
      <SelectField
        label={t('audit.filter.outcome')}
        value={chosen.outcome ?? ''}
        onChange={({ target }) => choose({ outcome: target.value })}
      >
        <option value="">{t('audit.outcome.all')}</option>
        <option value="done">{t('audit.outcome.done')}</option>
        <option value="refused">{t('audit.outcome.refused')}</option>
      </SelectField>
      {day('from')}
      {day('to')}
    </form>
  )
}
