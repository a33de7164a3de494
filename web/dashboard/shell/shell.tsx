import { Outlet, useParams, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Failed, Loading, NotAllowed } from '../../ui/states.tsx'
import { useMay, useMe } from '../me.ts'
import type { Me } from '../me.ts'
import { rememberWorkspace } from '../place.ts'
import { SCREENS, screensOf } from '../screens.ts'
import { Lost } from './lost.tsx'
import { Palette } from './palette.tsx'
import { Prove } from './prove.tsx'
import { Rail } from './rail.tsx'
import { Shortcuts } from './shortcuts.tsx'

/** What stays while screens come and go: where one can go, who one is, and everything by keyboard. */
export function Shell() {
  const { t } = useTranslation()
  const { workspace } = useParams({ strict: false })
  const me = useMe()
  const [isRailOpen, setRail] = useState(false)
  useEffect(() => rememberWorkspace(workspace ?? ''), [workspace])
  if (me.isError) return <Failed problem={me.error} retry={me.refetch} />
  if (!me.data) return <Loading />
  return (
    <div className="flex min-h-dvh max-md:flex-col">
      <a href="#main" className="sr-only z-50 bg-raised p-3 focus:not-sr-only focus:fixed focus:start-2 focus:top-2">
        {t('skip')}
      </a>
      <Rail me={me.data} isOpen={isRailOpen} setOpen={setRail} />
      <main id="main" tabIndex={-1} className="min-w-0 flex-1 p-4 md:p-8">
        <Announced />
        <Here me={me.data} />
      </main>
      <Prove />
      <Palette />
      <Shortcuts />
    </div>
  )
}

/** The screen of the address, or the name of what is missing for it; what this product has not is nowhere. */
function Here({ me }: { me: Me }) {
  const path = usePath()
  const may = useMay()
  const shown = screensOf(me.modules).find((one) => one.path === path)
  if (!shown && SCREENS.some((one) => one.path === path)) return <Lost />
  return shown?.needs && !may(shown.needs) ? <NotAllowed permission={shown.needs} /> : <Outlet />
}

/** Whoever reads by ear is told that another screen came. */
function Announced() {
  const { t } = useTranslation()
  const path = usePath()
  const title = SCREENS.find((one) => one.path === path)?.title
  const first = useRef(true)
  useEffect(() => {
    if (!first.current) document.getElementById('main')?.focus({ preventScroll: true })
    first.current = false
    if (title) document.title = `${t(`screen.${title}`)} · Vouchsafe`
  }, [title, t])
  return (
    <p role="status" className="sr-only">
      {title && t(`screen.${title}`)}
    </p>
  )
}

/** What of the address lies below the workspace. */
function usePath(): string {
  const path = useRouterState({ select: ({ location }) => location.pathname })
  return path
    .split('/')
    .slice(2)
    .join('/')
    .replace(/^app\/[^/]+\/?/, '')
}
