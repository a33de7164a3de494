import { latin, Search } from '#web'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLook } from '../operations.ts'
import type { Tagged } from './line.tsx'

/** A tag is typed or read by a scanner, which ends with Enter; the piece is on the paper as soon as it is found. */
export function PieceByTag({ taken, add }: { taken: readonly string[]; add: (piece: Tagged) => void }) {
  const { t } = useTranslation()
  const [tag, setTag] = useState('')
  const { data, error, isPlaceholderData } = useLook('shop.piece.list', tag ? { tag } : undefined)
  const piece = isPlaceholderData ? undefined : data?.data.find((one) => one.tag === tag)
  const isFree = piece?.status === 'stock' && !taken.includes(piece.id)
  useEffect(() => {
    if (!piece || !isFree) return
    add(piece)
    setTag('')
  }, [piece, isFree, add])
  const isAnswered = tag !== '' && (error !== null || (data !== undefined && !isPlaceholderData))
  return (
    <div className="flex flex-col gap-1">
      <Search
        key={taken.length}
        label={t('shop.screen.tag')}
        dir="ltr"
        autoFocus={taken.length > 0}
        press={t('shop.screen.draft.piece')}
        find={(typed) => setTag(latin(typed).toUpperCase())}
      />
      {isAnswered && !isFree && (
        <p role="alert" className="text-sm text-bad">
          {piece ? t('shop.screen.draft.taken', { tag }) : t('shop.screen.draft.unknown', { tag })}
        </p>
      )}
    </div>
  )
}
