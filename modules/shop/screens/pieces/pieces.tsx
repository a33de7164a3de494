import {
  Button,
  Card,
  Empty,
  latin,
  Name,
  NoMatch,
  Page,
  Search,
  SelectField,
  Table,
  useChosen,
  useLacking,
  Weight,
} from '#web'
import { useTranslation } from 'react-i18next'
import { Alloy, metalOf, METALS } from '../alloy.tsx'
import { useList } from '../operations.ts'
import { NewPiece } from './form.tsx'
import { Piece } from './piece.tsx'

const STATUSES = ['stock', 'reserved', 'sold', 'out'] as const

/** What lies in the trays, and what became of the rest. */
export function Pieces() {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { chosen, choose } = useChosen(['new', 'piece', 'edit'])
  const add = (
    <Button look="main" lacking={lacking('shop.piece.add')} onClick={() => choose({ new: '1' })}>
      {t('shop.screen.pieces.add')}
    </Button>
  )
  return (
    <Page title={t('screen.shop-pieces')} action={add}>
      <Filters />
      <Card>
        <Stock />
      </Card>
      {chosen.new && <NewPiece close={() => choose({ new: undefined })} />}
      {chosen.piece && <Piece id={chosen.piece} close={() => choose({ piece: undefined, edit: undefined })} />}
    </Page>
  )
}

function Filters() {
  const { t } = useTranslation()
  const { chosen, choose } = useChosen(['status', 'metal', 'tag'])
  return (
    <div className="no-print flex flex-wrap items-end gap-4">
      <Search
        key={chosen.tag}
        label={t('shop.screen.tag')}
        start={chosen.tag}
        dir="ltr"
        find={(tag) => choose({ tag: latin(tag).toUpperCase() })}
      />
      <SelectField
        label={t('shop.screen.status')}
        value={chosen.status ?? ''}
        onChange={({ target }) => choose({ status: target.value })}
      >
        <option value="">{t('shop.screen.all')}</option>
        {STATUSES.map((one) => (
          <option key={one} value={one}>
            {t(`shop.screen.piece.${one}`)}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t('shop.screen.metal')}
        value={chosen.metal ?? ''}
        onChange={({ target }) => choose({ metal: target.value })}
      >
        <option value="">{t('shop.screen.all')}</option>
        {METALS.map((one) => (
          <option key={one} value={one}>
            {t(`shop.screen.metal.${one}`)}
          </option>
        ))}
      </SelectField>
    </div>
  )
}

function Stock() {
  const { t } = useTranslation()
  const { chosen, choose, clear } = useChosen(['status', 'metal', 'tag', 'piece'])
  const status = STATUSES.find((one) => one === chosen.status)
  const metal = metalOf(chosen.metal)
  const { tag } = chosen
  const pieces = useList('shop.piece.list', { ...(status && { status }), ...(metal && { metal }), ...(tag && { tag }) })
  return (
    <Table
      label={t('screen.shop-pieces')}
      {...pieces}
      rowKey={({ id }) => id}
      open={({ id }) => choose({ piece: id })}
      empty={
        status || metal || tag ? (
          <NoMatch clear={clear} />
        ) : (
          <Empty title={t('shop.screen.pieces.none')}>{t('shop.screen.pieces.none.why')}</Empty>
        )
      }
      columns={[
        {
          key: 'tag',
          title: t('shop.screen.tag'),
          cell: ({ id, tag: own }) => (
            <button type="button" className="hover:underline" onClick={() => choose({ piece: id })}>
              <bdi dir="ltr">{own}</bdi>
            </button>
          ),
        },
        { key: 'what', title: t('shop.screen.description'), cell: ({ description }) => <Name>{description}</Name> },
        { key: 'of', title: t('shop.screen.metal'), cell: (piece) => <Alloy {...piece} /> },
        { key: 'net', title: t('shop.screen.net'), number: true, cell: ({ netMg }) => <Weight mg={netMg} /> },
        { key: 'place', title: t('shop.screen.location'), cell: ({ location }) => <Name>{location}</Name> },
        { key: 'status', title: t('shop.screen.status'), cell: ({ status: now }) => t(`shop.screen.piece.${now}`) },
      ]}
    />
  )
}
