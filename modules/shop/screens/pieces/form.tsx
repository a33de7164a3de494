import { Ask, latin, MoneyField, NumberField, tell, TextField, useChosen, WeightField } from '#web'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { z } from 'zod'
import type { WholePiece } from '../../tag.ts'
import { MetalField, metalOf, PurityField } from '../alloy.tsx'
import { useAct, useCurrency } from '../operations.ts'
import { newStone, StoneFields, stonesOf } from './stones.tsx'

export type Whole = z.output<typeof WholePiece>
type Filled = Readonly<Record<string, string>>

export function NewPiece({ close }: { close: () => void }) {
  const { t } = useTranslation()
  const { choose } = useChosen(['piece', 'new'])
  const { mutate, isPending, error } = useAct('shop.piece.add')
  const title = t('shop.screen.pieces.add')
  const send = (filled: Filled) =>
    mutate(pieceOf(filled), {
      onSuccess: ({ id }) => (tell(t('shop.screen.saved')), choose({ piece: id, new: undefined })),
    })
  return (
    <Ask title={title} press={title} busy={isPending} problem={error} close={close} send={send}>
      <Fields />
    </Ask>
  )
}

export function EditPiece({ piece, close }: { piece: Whole; close: () => void }) {
  const { t } = useTranslation()
  const { mutate, isPending, error } = useAct('shop.piece.update')
  const send = (filled: Filled) =>
    mutate({ id: piece.id, ...pieceOf(filled) }, { onSuccess: () => (tell(t('shop.screen.saved')), close()) })
  const asked = { title: t('shop.screen.edit'), press: t('shop.screen.save'), busy: isPending, problem: error }
  return (
    <Ask {...asked} close={close} send={send}>
      <Fields piece={piece} />
    </Ask>
  )
}

function Fields({ piece }: { piece?: Whole }) {
  const { t } = useTranslation()
  const currency = useCurrency() ?? ''
  const [stones, setStones] = useState(() => piece?.stones.map((stone) => newStone(stone)) ?? [])
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={t('shop.screen.tag')}
          hint={t('shop.screen.tag.hint')}
          name="tag"
          dir="ltr"
          pattern="[A-Za-z0-9][A-Za-z0-9\-]{0,23}"
          defaultValue={piece?.tag}
          required
        />
        <TextField
          label={t('shop.screen.description')}
          name="description"
          defaultValue={piece?.description}
          maxLength={200}
          required
        />
        <MetalField name="metal" start={piece?.metal} />
        <PurityField name="purity" start={piece?.purity} />
        <WeightField label={t('shop.screen.gross')} name="grossMg" least={1} start={piece?.grossMg} required />
        <WeightField label={t('shop.screen.stone')} name="stoneMg" start={piece?.stoneMg} />
        <NumberField label={t('shop.screen.count')} name="count" start={piece?.count ?? 1} least={1} required />
        <TextField label={t('shop.screen.hallmark')} name="hallmark" dir="ltr" defaultValue={piece?.hallmark ?? ''} />
        <TextField label={t('shop.screen.location')} name="location" defaultValue={piece?.location} />
      </div>
      <Making piece={piece} currency={currency} />
      <StoneFields stones={stones} change={setStones} currency={currency} />
    </>
  )
}

/** For the piece, for each gram of it, and as a share of its metal’s price: together they are the making. */
function Making({ piece, currency }: { piece: Whole | undefined; currency: string }) {
  const { t } = useTranslation()
  return (
    <fieldset className="grid gap-4 sm:grid-cols-2">
      <legend className="pb-2 font-medium">{t('shop.screen.making')}</legend>
      <MoneyField
        label={t('shop.screen.makingPiece')}
        currency={currency}
        name="makingMinor"
        start={piece?.makingMinor}
      />
      <MoneyField
        label={t('shop.screen.makingGram')}
        currency={currency}
        name="makingPerGramMinor"
        start={piece?.makingPerGramMinor}
      />
      <NumberField
        label={t('shop.screen.makingShare')}
        digits={1}
        most={1_000}
        name="makingPerMille"
        start={piece?.makingPerMille}
      />
      <NumberField
        label={t('shop.screen.wastage')}
        digits={1}
        most={1_000}
        name="wastagePerMille"
        start={piece?.wastagePerMille}
      />
    </fieldset>
  )
}

function pieceOf(filled: Filled) {
  const { tag = '', description = '', metal, hallmark, location } = filled
  const number = (name: string) => Number(filled[name] ?? 0)
  return {
    tag: latin(tag).toUpperCase(),
    description,
    metal: metalOf(metal) ?? 'gold',
    purity: number('purity'),
    grossMg: number('grossMg'),
    stoneMg: number('stoneMg'),
    count: number('count'),
    hallmark: hallmark?.trim() || null,
    ...(location?.trim() && { location }),
    makingMinor: number('makingMinor'),
    makingPerGramMinor: number('makingPerGramMinor'),
    makingPerMille: number('makingPerMille'),
    wastagePerMille: number('wastagePerMille'),
    stones: stonesOf(filled),
  }
}
