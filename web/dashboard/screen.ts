import type { ComponentType } from 'react'

/**
 * A page of the dashboard. `path` lies under the workspace; `title` is the key of its name; `needs` is the permission
 * without which there is nothing to see, and `group` the part of the rail where it stands, or none.
 */
export type Screen = {
  path: string
  title: string
  needs?: string
  group?: string
  load: () => Promise<{ [name: string]: ComponentType }>
}

export const screen = (given: Screen): Screen => given
