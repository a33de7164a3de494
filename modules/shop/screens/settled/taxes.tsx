import {
  Ask,
  Button,
  Card,
  Empty,
  Name,
  NotAllowed,
  NumberField,
  Percent,
  SelectField,
  Table,
  tell,
  TextField,
  useChosen,
  useLacking,
  useMay,
} from '#web'
import { useTranslation } from 'react-i18next'
import { today } from '../day/today.ts'
import { useAct, useLook } from '../operations.ts'

const COMPONENTS = ['metal', 'making', 'stones'] as const
const PLACES = ['within', 'across'] as const

/** What the state takes of the metal, the making and the stones, today. */
export function Taxes() {
  const { t } = useTranslation()
  const may = useMay()
  const lacking = useLacking()
  const { chosen, choose } = useChosen(['set'])
  const taxes = useLook('shop.tax.current', may('shop.tax.current') ? {} : undefined)
  return (
    <Card>
      <div className="flex flex-wrap items-center justify-between gap-3 p-5">
        <h2 className="text-lg font-semibold">{t('shop.screen.taxes')}</h2>
        <Button lacking={lacking('shop.tax.set')} onClick={() => choose({ set: 'tax' })}>
          {t('shop.screen.taxes.set')}
        </Button>
      </div>
      {may('shop.tax.current') ? (
        <Table
          label={t('shop.screen.taxes')}
          rows={taxes.data}
          problem={taxes.error}
          retry={taxes.refetch}
          rowKey={({ id }) => id}
          empty={<Empty title={t('shop.screen.taxes.none')}>{t('shop.screen.taxes.none.why')}</Empty>}
          columns={[
            { key: 'name', title: t('shop.screen.name'), cell: ({ name }) => <Name>{name}</Name> },
            { key: 'of', title: t('shop.screen.taxes.of'), cell: ({ component }) => t(`shop.screen.of.${component}`) },
            { key: 'place', title: t('shop.screen.place'), cell: ({ place }) => t(`shop.screen.place.${place}`) },
            { key: 'code', title: t('shop.screen.code'), cell: ({ code }) => <bdi dir="ltr">{code ?? '–'}</bdi> },
            {
              key: 'share',
              title: t('shop.screen.taxes.share'),
              number: true,
              cell: ({ perMillion }) => <Percent units={perMillion} digits={4} />,
            },
            {
              key: 'on',
              title: t('shop.screen.effectiveOn'),
              cell: ({ effectiveOn }) => <bdi dir="ltr">{effectiveOn}</bdi>,
            },
          ]}
        />
      ) : (
        <NotAllowed permission="shop.tax.current" />
      )}
      {chosen.set === 'tax' && <SetTax close={() => choose({ set: undefined })} />}
    </Card>
  )
}

function SetTax({ close }: { close: () => void }) {
  const { t } = useTranslation()
  const { mutate, isPending, error } = useAct('shop.tax.set')
  const title = t('shop.screen.taxes.set')
  const send = (filled: Readonly<Record<string, string>>) => {
    const tax = {
      effectiveOn: filled['effectiveOn'] ?? today(),
      component: COMPONENTS.find((one) => one === filled['component']) ?? 'metal',
      place: PLACES.find((one) => one === filled['place']) ?? 'within',
      name: filled['name'] ?? '',
      code: filled['code']?.trim() || null,
      perMillion: Number(filled['perMillion']),
    }
    mutate(tax, { onSuccess: () => (tell(t('shop.screen.saved')), close()) })
  }
  return (
    <Ask title={title} press={title} busy={isPending} problem={error} close={close} send={send}>
      <TextField label={t('shop.screen.name')} name="name" maxLength={40} required />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label={t('shop.screen.taxes.of')} name="component">
          {COMPONENTS.map((one) => (
            <option key={one} value={one}>
              {t(`shop.screen.of.${one}`)}
            </option>
          ))}
        </SelectField>
        <SelectField label={t('shop.screen.place')} name="place">
          {PLACES.map((one) => (
            <option key={one} value={one}>
              {t(`shop.screen.place.${one}`)}
            </option>
          ))}
        </SelectField>
        <NumberField label={t('shop.screen.taxes.share')} digits={4} most={WHOLE_PRICE} name="perMillion" required />
        <TextField label={t('shop.screen.code')} name="code" dir="ltr" maxLength={20} />
      </div>
      <TextField label={t('shop.screen.effectiveOn')} name="effectiveOn" type="date" defaultValue={today()} required />
    </Ask>
  )
}

/** In parts of a million: nothing takes more than all of it. */
const WHOLE_PRICE = 1_000_000
