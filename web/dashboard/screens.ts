import type { Screen } from './screen.ts'
import { screen } from './screen.ts'

/** Every screen there is: the dashboard's own, and those that lie beside the modules. */
const own: readonly Screen[] = [
  screen({ path: '', title: 'home', load: () => import('./screens/home.tsx') }),
  screen({
    path: 'people',
    title: 'people',
    group: 'workspace',
    needs: 'identity.member.list',
    load: () => import('./screens/people/people.tsx'),
  }),
  screen({
    path: 'roles',
    title: 'roles',
    group: 'workspace',
    needs: 'identity.role.list',
    load: () => import('./screens/roles/roles.tsx'),
  }),
  screen({
    path: 'keys',
    title: 'keys',
    group: 'workspace',
    needs: 'identity.key.list',
    load: () => import('./screens/keys/keys.tsx'),
  }),
  screen({
    path: 'alerts',
    title: 'alerts',
    group: 'workspace',
    needs: 'audit.alert.list',
    load: () => import('./screens/alerts.tsx'),
  }),
  screen({
    path: 'audit',
    title: 'audit',
    group: 'workspace',
    needs: 'audit.entry.list',
    load: () => import('./screens/audit/audit.tsx'),
  }),
  screen({
    path: 'settings',
    title: 'settings',
    group: 'workspace',
    needs: 'identity.workspace.get',
    load: () => import('./screens/settings/settings.tsx'),
  }),
]

const ofModules = import.meta.glob<{ screens: readonly Screen[] }>('../../modules/*/screens/index.ts', { eager: true })

export const SCREENS: readonly Screen[] = [...Object.values(ofModules).flatMap(({ screens }) => screens), ...own]

/** Those of the product that is served: what it does not have at all is not shown as forbidden. */
export const screensOf = (modules: readonly string[]): readonly Screen[] =>
  SCREENS.filter(({ needs }) => needs === undefined || modules.includes(needs.split('.')[0]!))
