import { useState } from 'react'
import type { FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { audit } from '../../../../kernel/audit/module.ts'
import { Ask, typedIn } from '../../../ui/ask.tsx'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Failed, Loading } from '../../../ui/states.tsx'
import { Name, When } from '../../../ui/text.tsx'
import { useMay } from '../../me.ts'
import { operationsOf } from '../../operations.ts'
import { Card } from '../../shell/page.tsx'
import { tell } from '../../shell/tell.ts'

const { useAct, useList, useLook } = operationsOf<typeof audit>()

/** How long the log is kept: never for less than the product promises, and for as long as a hold is open. */
export function Keeping() {
  const { t } = useTranslation()
  const may = useMay()
  const kept = useLook('audit.retention.get', {})
  const { mutate, isPending, error } = useAct('audit.retention.set')
  if (kept.error) return <Failed problem={kept.error} retry={kept.refetch} />
  if (!kept.data) return <Loading />
  const { months, policyMonths } = kept.data
  const permission = 'audit.retention.set'
  const lacking = may(permission) ? undefined : t('state.lacking', { permission })
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const typed = Number(typedIn(event.currentTarget)['months'])
    mutate({ months: typed }, { onSuccess: () => tell(t('settings.saved')) })
  }
  return (
    <Card>
      <div className="flex max-w-xl flex-col gap-4 p-5">
        <h2 className="text-lg font-semibold">{t('keeping')}</h2>
        <form className="flex flex-wrap items-end gap-3" onSubmit={send}>
          <TextField
            className="flex-1"
            label={t('keeping.months')}
            hint={t('keeping.least', { count: policyMonths })}
            name="months"
            type="number"
            min={policyMonths}
            max={120}
            defaultValue={months}
            required
          />
          <Button type="submit" busy={isPending} lacking={lacking}>
            {t('settings.save')}
          </Button>
        </form>
        {error && <Failed problem={error} />}
        {may('audit.hold.list') && <Holds />}
      </div>
    </Card>
  )
}

type Asking = { kind: 'place' } | { kind: 'release'; id: string }

function Holds() {
  const { t } = useTranslation()
  const may = useMay()
  const [asking, setAsking] = useState<Asking>()
  const holds = useList('audit.hold.list', {})
  const lacking = (permission: string) => (may(permission) ? undefined : t('state.lacking', { permission }))
  if (holds.problem) return <Failed problem={holds.problem} retry={holds.retry} />
  const open = holds.rows?.filter(({ releasedAt }) => releasedAt === null) ?? []
  return (
    <section className="flex flex-col gap-3">
      <h3 className="font-medium">{t('hold')}</h3>
      <p className="text-soft">{t(open.length > 0 ? 'hold.open' : 'hold.none')}</p>
      <ul className="flex flex-col gap-2">
        {open.map(({ id, reason, createdAt }) => (
          <li key={id} className="flex flex-wrap items-center justify-between gap-3">
            <span>
              <Name>{reason}</Name> · <When at={createdAt} />
            </span>
            <Button lacking={lacking('audit.hold.release')} onClick={() => setAsking({ kind: 'release', id })}>
              {t('hold.release')}
            </Button>
          </li>
        ))}
      </ul>
      <div>
        <Button lacking={lacking('audit.hold.place')} onClick={() => setAsking({ kind: 'place' })}>
          {t('hold.place')}
        </Button>
      </div>
      {asking && <Reason asking={asking} close={() => setAsking(undefined)} />}
    </section>
  )
}

function Reason({ asking, close }: { asking: Asking; close: () => void }) {
  const { t } = useTranslation()
  const place = useAct('audit.hold.place')
  const release = useAct('audit.hold.release')
  const { isPending, error } = asking.kind === 'place' ? place : release
  const title = t(`hold.${asking.kind}`)
  const send = ({ reason = '' }: Readonly<Record<string, string>>) =>
    asking.kind === 'place'
      ? place.mutate({ reason }, { onSuccess: close })
      : release.mutate({ id: asking.id, reason }, { onSuccess: close })
  return (
    <Ask title={title} press={title} busy={isPending} problem={error} close={close} send={send}>
      <TextField label={t('hold.reason')} name="reason" required />
    </Ask>
  )
}
