import { Menu } from '@base-ui/react/menu'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Why } from '../../ui/button.tsx'
import { Name } from '../../ui/text.tsx'
import { go, leave } from '../ask.ts'
import { speak, theme, THEMES, wear } from '../looks.ts'
import type { Me } from '../me.ts'
import type { Screen } from '../screen.ts'
import { SCREENS } from '../screens.ts'

/** Where one can go, in the order in which it is used. What one may not see stays where it is, and says why. */
export function Rail({ me, isOpen, setOpen }: { me: Me; isOpen: boolean; setOpen: (open: boolean) => void }) {
  const { t } = useTranslation()
  const may = new Set(me.may)
  const groups = Map.groupBy(SCREENS, ({ group }) => group ?? '')
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
    <Menu.Root>
      <Menu.Trigger className={`${OPENS} min-h-9 flex-1 items-center justify-between gap-2`}>
        <span className="truncate font-semibold">
          <Name>{here?.name ?? '–'}</Name>
        </span>
        <span aria-hidden="true">⌄</span>
      </Menu.Trigger>
      <Chosen>
        {me.workspaces.map(({ id, name }) => (
          <Menu.Item key={id} disabled={id === me.workspace} className={ITEM} onClick={() => void to(id)}>
            <Name>{name}</Name>
            {id === me.workspace && <span className="text-soft">{t('workspace.here')}</span>}
          </Menu.Item>
        ))}
      </Chosen>
    </Menu.Root>
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
    <Menu.Root>
      <Menu.Trigger className={`${OPENS} min-h-10 w-full flex-col items-start py-1 text-start`}>
        <span className="truncate text-sm font-medium">
          <Name>{me.name}</Name>
        </span>
        <span className="w-full truncate text-xs text-soft">
          <bdi dir="ltr">{me.email}</bdi>
        </span>
      </Menu.Trigger>
      <Chosen>
        <Menu.Item className={ITEM} onClick={() => location.assign(`/enter?workspace=${me.workspace}`)}>
          {t('account')}
        </Menu.Item>
        <Menu.Item className={ITEM} onClick={() => speak(other)} lang={other}>
          {t('language.other')}
        </Menu.Item>
        {THEMES.map((one) => (
          <Menu.Item key={one} className={ITEM} onClick={() => wear(one)}>
            {t(`theme.${one}`)}
            {one === theme() && <span aria-hidden="true">✓</span>}
          </Menu.Item>
        ))}
        <Menu.Item className={ITEM} onClick={() => location.assign('/security')}>
          {t('security.page')}
        </Menu.Item>
        <Menu.Item className={ITEM} onClick={() => void out()}>
          {t('signOut')}
        </Menu.Item>
      </Chosen>
    </Menu.Root>
  )
}

const Chosen = ({ children }: { children: React.ReactNode }) => (
  <Menu.Portal>
    <Menu.Positioner sideOffset={4} align="start" className="z-50">
      <Menu.Popup className="min-w-52 rounded-md border border-line bg-raised p-1 shadow-lg">{children}</Menu.Popup>
    </Menu.Positioner>
  </Menu.Portal>
)

const OPENS = 'flex min-w-0 rounded-md px-2 hover:bg-sunken'
const ITEM =
  'flex min-h-9 cursor-pointer items-center justify-between gap-3 rounded px-3 text-sm data-highlighted:bg-sunken ' +
  'data-disabled:cursor-default'
