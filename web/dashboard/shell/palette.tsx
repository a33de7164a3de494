import { useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Dialog } from '../../ui/dialog.tsx'
import { useMay } from '../me.ts'
import { SCREENS } from '../screens.ts'

/** Ctrl or ⌘ and K: wherever one may go, by a few letters of its name. */
export function Palette() {
  const { t } = useTranslation()
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return
      event.preventDefault()
      setOpen((was) => !was)
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  const close = () => setOpen(false)
  if (!isOpen) return null
  return (
    <Dialog close={close} title={t('palette')}>
      <Choices done={close} />
    </Dialog>
  )
}

function Choices({ done }: { done: () => void }) {
  const { t } = useTranslation()
  const may = useMay()
  const go = useNavigate()
  const list = useId()
  const { workspace } = useParams({ strict: false })
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const open = SCREENS.filter(({ needs }) => !needs || may(needs))
  const found = open.filter(({ title }) => plain(t(`screen.${title}`)).includes(plain(text)))
  const choose = (path: string) => {
    done()
    void go({ to: `/${workspace}${path && `/${path}`}` as never })
  }
  const steer = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) setAt((was) => (was + step + found.length) % Math.max(found.length, 1))
    else if (event.key === 'Enter' && found[at]) choose(found[at].path)
    else return
    event.preventDefault()
  }
  return (
    <>
      <input
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={found[at] && `${list}-${at}`}
        aria-label={t('palette.search')}
        value={text}
        onChange={(event) => (setText(event.target.value), setAt(0))}
        onKeyDown={steer}
        className="min-h-10 w-full rounded-md border border-line bg-raised px-3"
      />
      <ul id={list} role="listbox" aria-label={t('palette')} className="flex flex-col">
        {found.map(({ path, title }, index) => (
          <li
            key={path}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === at}
            className={`cursor-pointer rounded px-3 py-2 ${index === at ? 'bg-sunken' : ''}`}
            onClick={() => choose(path)}
          >
            {t(`screen.${title}`)}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="text-soft">{t('palette.none')}</p>}
    </>
  )
}

/** Marks and the variants of a letter are no reason not to find a word. */
const plain = (text: string) =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[أإآ]/g, 'ا')
    .replaceAll('ى', 'ي')
    .replaceAll('ة', 'ه')
    .toLowerCase()
