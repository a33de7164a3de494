import {
  Amount,
  Ask,
  Button,
  Dialog,
  Facts,
  Failed,
  Loading,
  Name,
  Percent,
  TextField,
  To,
  useChosen,
  useLacking,
  Weight,
} from '#web'
import { useTranslation } from 'react-i18next'
import { Alloy } from '../alloy.tsx'
import { useAct, useCurrency, useLook } from '../operations.ts'
import { Cost } from './cost.tsx'
import { EditPiece } from './form.tsx'
import type { Whole } from './form.tsx'

/** One piece as its tag tells it. */
export function Piece({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { chosen, choose } = useChosen(['edit'])
  const piece = useLook('shop.piece.get', { id })
  const done = () => choose({ edit: undefined })
  if (piece.data && chosen.edit === 'piece') return <EditPiece piece={piece.data} close={done} />
  if (piece.data && chosen.edit === 'out') return <Withdraw id={id} close={done} />
  return (
    <Dialog close={close} title={piece.data?.description ?? t('state.loading')}>
      {piece.error ? (
        <Failed problem={piece.error} retry={piece.refetch} />
      ) : piece.data ? (
        <>
          <Told piece={piece.data} />
          {lacking('shop.cost.get') === undefined && <Cost pieceId={id} />}
          <Actions id={id} status={piece.data.status} />
        </>
      ) : (
        <Loading />
      )}
      <div className="flex justify-end">
        <Button onClick={close}>{t('close')}</Button>
      </div>
    </Dialog>
  )
}

function Told({ piece }: { piece: Whole }) {
  const { t } = useTranslation()
  const currency = useCurrency() ?? ''
  const { makingMinor, makingPerGramMinor, makingPerMille, wastagePerMille } = piece
  return (
    <>
      <Facts
        facts={[
          [t('shop.screen.tag'), <bdi dir="ltr">{piece.tag}</bdi>],
          [t('shop.screen.status'), t(`shop.screen.piece.${piece.status}`)],
          [t('shop.screen.metal'), <Alloy {...piece} />],
          [t('shop.screen.gross'), <Weight mg={piece.grossMg} />],
          [t('shop.screen.stone'), <Weight mg={piece.stoneMg} />],
          [t('shop.screen.net'), <Weight mg={piece.netMg} />],
          [t('shop.screen.hallmark'), piece.hallmark && <bdi dir="ltr">{piece.hallmark}</bdi>],
          [t('shop.screen.location'), <Name>{piece.location}</Name>],
          [t('shop.screen.making'), <Amount minor={makingMinor} currency={currency} />],
          [t('shop.screen.makingGram'), <Amount minor={makingPerGramMinor} currency={currency} />],
          [t('shop.screen.makingShare'), <Percent units={makingPerMille} />],
          [t('shop.screen.wastage'), <Percent units={wastagePerMille} />],
          ...(piece.outReason ? [[t('shop.screen.reason'), <Name>{piece.outReason}</Name>] as const] : []),
        ]}
      />
      {piece.invoiceId && (
        <p>
          <To screen="invoices" chosen={{ invoice: piece.invoiceId }}>
            {t('shop.screen.piece.paper')}
          </To>
        </p>
      )}
      {piece.stones.length > 0 && (
        <section>
          <h3 className="font-medium">{t('shop.screen.stones')}</h3>
          <ul className="flex flex-col gap-1">
            {piece.stones.map(({ description, count, priceMinor }, at) => (
              <li key={at} className="flex justify-between gap-4">
                <span>
                  <bdi>{count}</bdi> × <Name>{description}</Name>
                </span>
                <Amount minor={priceMinor} currency={currency} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

/** Nothing that stands on a paper is changed behind its back. */
function Actions({ id, status }: { id: string; status: string }) {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { choose } = useChosen(['edit'])
  const restore = useAct('shop.piece.restore')
  return (
    <div className="flex flex-wrap gap-2">
      {restore.error && <Failed problem={restore.error} />}
      {status === 'stock' && (
        <>
          <Button lacking={lacking('shop.piece.update')} onClick={() => choose({ edit: 'piece' })}>
            {t('shop.screen.edit')}
          </Button>
          <Button look="danger" lacking={lacking('shop.piece.withdraw')} onClick={() => choose({ edit: 'out' })}>
            {t('shop.screen.pieces.withdraw')}
          </Button>
        </>
      )}
      {status === 'out' && (
        <Button lacking={lacking('shop.piece.restore')} busy={restore.isPending} onClick={() => restore.mutate({ id })}>
          {t('shop.screen.pieces.restore')}
        </Button>
      )}
    </div>
  )
}

function Withdraw({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation()
  const { mutate, isPending, error } = useAct('shop.piece.withdraw')
  const title = t('shop.screen.pieces.withdraw')
  const send = ({ reason = '' }: Readonly<Record<string, string>>) => mutate({ id, reason }, { onSuccess: close })
  return (
    <Ask title={title} press={title} busy={isPending} problem={error} close={close} send={send}>
      <TextField label={t('shop.screen.reason')} name="reason" minLength={3} maxLength={500} required />
    </Ask>
  )
}
