import { Menu } from './menu.tsx'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Why } from '../../ui/button.tsx'
import { Name } from '../../ui/text.tsx'
import { go, leave } from '../ask.ts'
import { speak, theme, THEMES, wear } from '../looks.ts'
import type { Me } from '../me.ts'
import type { Screen } from '../screen.ts'
import { screensOf } from '../screens.ts'

/** Where one can go, in the order in which it is used. What one may not see stays where it is, and says why. */
export function Rail({ me, isOpen, setOpen }: { me: Me; isOpen: boolean; setOpen: (open: boolean) => void }) {
  const { t } = useTranslation()
  const may = new Set(me.may)
  const groups = Map.groupBy(screensOf(me.modules), ({ group }) => group ?? '')
  return (
    <nav aria-label={t('rail')} className="no-print flex shrink-0 flex-col border-line bg-raised md:w-60 md:border-e">
      <div className="flex items-center gap-2 border-b border-line p-3">
        <Workspaces me={me} />
        <button
          type="button"
          className="min-h-9 rounded-md px-3 hover:bg-sunken md:hidden"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {t('rail.menu')}
        </button>
      </div>
      <div className={`flex-1 flex-col gap-4 overflow-y-auto p-3 md:flex ${isOpen ? 'flex' : 'hidden'}`}>
        {[...groups].map(([group, screens]) => (
          <section key={group}>
            {group && <h2 className="px-2 pb-1 text-xs font-medium text-soft">{t(`group.${group}`)}</h2>}
            <ul>
              {screens.map((one) => (
                <li key={one.path}>
                  <Place screen={one} isOpen={!one.needs || may.has(one.needs)} done={() => setOpen(false)} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <div className={`border-t border-line p-3 md:block ${isOpen ? 'block' : 'hidden'}`}>
        <Account me={me} />
      </div>
    </nav>
  )
}

function Place({
  screen: { path, title, needs },
  isOpen,
  done,
}: {
  screen: Screen
  isOpen: boolean
  done: () => void
}) {
  const { t } = useTranslation()
  const { workspace } = useParams({ strict: false })
  const shape = 'block w-full rounded-md px-2 py-1.5 text-sm'
  if (!isOpen)
    return (
      <Why text={t('state.lacking', { permission: needs })}>
        <span
          aria-disabled="true"
          role="link"
          tabIndex={0}
          className={`${shape} cursor-not-allowed text-soft opacity-60`}
        >
          {t(`screen.${title}`)}
        </span>
      </Why>
    )
  return (
    <Link
      to={`/${workspace}${path && `/${path}`}` as never}
      activeOptions={{ exact: path === '', includeSearch: false }}
      activeProps={{ className: 'bg-sunken font-medium', 'aria-current': 'page' }}
      className={`${shape} hover:bg-sunken`}
      onClick={done}
    >
      {t(`screen.${title}`)}
    </Link>
  )
}

/** Other workspaces; what was open in this one is over as soon as one leaves it. */
function Workspaces({ me }: { me: Me }) {
  const { t } = useTranslation()
  const here = me.workspaces.find(({ id }) => id === me.workspace)
  const to = async (workspace: string) => {
    await go('switch', { workspace, keep: 'cookie' })
    location.assign(`/app/${workspace}`)
  }
  return (
    <Menu label={<Name>{here?.name ?? '–'}</Name>} shape="font-semibold">
      {me.workspaces.map(({ id, name }) => (
        <button key={id} type="button" aria-current={id === me.workspace || undefined} onClick={() => void to(id)}>
          <Name>{name}</Name>
          {id === me.workspace && <span className="text-soft">{t('workspace.here')}</span>}
        </button>
      ))}
    </Menu>
  )
}

function Account({ me }: { me: Me }) {
  const { t } = useTranslation()
  const other = document.documentElement.lang === 'ar' ? 'en' : 'ar'
  const out = async () => {
    await go('sign-out')
    await leave('signed-out')
  }
  return (
    <Menu label={<Name>{me.name}</Name>} below={<bdi dir="ltr">{me.email}</bdi>} shape="text-sm font-medium" isUp>
      <a href={`/enter?workspace=${me.workspace}`}>{t('account')}</a>
      <button type="button" lang={other} onClick={() => speak(other)}>
        {t('language.other')}
      </button>
      {THEMES.map((one) => (
        <button key={one} type="button" aria-pressed={one === theme()} onClick={() => wear(one)}>
          {t(`theme.${one}`)}
          {one === theme() && <span aria-hidden="true">✓</span>}
        </button>
      ))}
      <a href="/security">{t('security.page')}</a>
      <button type="button" onClick={() => void out()}>
        {t('signOut')}
      </button>
    </Menu>
  )
}
