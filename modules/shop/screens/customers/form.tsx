import { Ask, latin, tell, TextField, useChosen } from '#web'
import { useTranslation } from 'react-i18next'
import { useAct } from '../operations.ts'

type Card = {
  name: string
  phone: string | null
  email: string | null
  taxNumber: string | null
  address: string | null
  note: string | null
}
type Filled = Readonly<Record<string, string>>

export function NewCustomer({ close }: { close: () => void }) {
  const { t } = useTranslation()
  const { choose } = useChosen(['customer', 'new'])
  const { mutate, isPending, error } = useAct('shop.customer.create')
  const title = t('shop.screen.customers.add')
  const send = (filled: Filled) =>
    mutate(cardOf(filled), {
      onSuccess: ({ id }) => (tell(t('shop.screen.saved')), choose({ customer: id, new: undefined })),
    })
  return (
    <Ask title={title} press={title} busy={isPending} problem={error} close={close} send={send}>
      <Fields />
    </Ask>
  )
}

export function EditCustomer({ customer, close }: { customer: Card & { id: string }; close: () => void }) {
  const { t } = useTranslation()
  const { mutate, isPending, error } = useAct('shop.customer.update')
  const send = (filled: Filled) =>
    mutate({ id: customer.id, ...cardOf(filled) }, { onSuccess: () => (tell(t('shop.screen.saved')), close()) })
  const asked = { title: t('shop.screen.edit'), press: t('shop.screen.save'), busy: isPending, problem: error }
  return (
    <Ask {...asked} close={close} send={send}>
      <Fields card={customer} />
    </Ask>
  )
}

function Fields({ card }: { card?: Card }) {
  const { t } = useTranslation()
  return (
    <>
      <TextField label={t('shop.screen.name')} name="name" defaultValue={card?.name} maxLength={200} required />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={t('shop.screen.phone')}
          hint={t('shop.screen.phone.hint')}
          name="phone"
          type="tel"
          dir="ltr"
          pattern="\+[0-9٠-٩۰-۹ \(\)\-]{7,24}"
          defaultValue={card?.phone ?? ''}
        />
        <TextField
          label={t('shop.screen.email')}
          name="email"
          type="email"
          dir="ltr"
          defaultValue={card?.email ?? ''}
        />
      </div>
      <TextField label={t('shop.screen.address')} name="address" defaultValue={card?.address ?? ''} maxLength={500} />
      <TextField
        label={t('shop.screen.taxNumber')}
        name="taxNumber"
        dir="ltr"
        defaultValue={card?.taxNumber ?? ''}
        maxLength={32}
      />
      <TextField label={t('shop.screen.note')} name="note" defaultValue={card?.note ?? ''} maxLength={2_000} />
    </>
  )
}

/** What was left empty is not known. */
const cardOf = ({ name = '', phone, email, taxNumber, address, note }: Filled): Card => ({
  name,
  phone: latin(phone ?? '').replaceAll(/[^+\d]/g, '') || null,
  email: email?.trim() || null,
  taxNumber: taxNumber?.trim() || null,
  address: address?.trim() || null,
  note: note?.trim() || null,
})
