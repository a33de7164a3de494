import { useEffect } from 'react'
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  Outlet,
} from '@tanstack/react-router'
import { leave } from './ask.ts'
import { lastWorkspace } from './place.ts'
import { SCREENS } from './screens.ts'
import { Shell } from './shell/shell.tsx'
import { Lost } from './shell/lost.tsx'

const root = createRootRoute({ component: Outlet, notFoundComponent: Lost })

const begin = createRoute({ getParentRoute: () => root, path: '/', component: Begin })

const workspace = createRoute({ getParentRoute: () => root, path: '$workspace', component: Shell })

/** A screen is its file's only export, and its search is its own affair: what was chosen stands in the address. */
const screens = SCREENS.map(({ path, load }) =>
  createRoute({
    getParentRoute: () => workspace,
    path: path || '/',
    component: lazyRouteComponent(async () => ({ default: Object.values(await load())[0]! })),
    validateSearch: (search: Record<string, unknown>) => search,
  }),
)

export const router = createRouter({
  routeTree: root.addChildren([begin, workspace.addChildren(screens)]),
  basepath: '/app',
  defaultPreload: 'intent',
  // Words as they are: what looks like a number is a tag, a purity or a day to whoever chose it.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (chosen) => {
    const text = new URLSearchParams(chosen as Record<string, string>).toString()
    return text && `?${text}`
  },
})

/** Where whoever names no workspace was last, or the door. */
function Begin() {
  const workspace = lastWorkspace()
  useEffect(() => void (workspace || leave('over')), [workspace])
  return workspace ? <Navigate to={`/${workspace}` as never} replace /> : null
}
