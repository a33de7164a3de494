import type { Policy } from './control.ts'
import type { Call, Grant, Module } from './module.ts'
import type { Page } from './page.ts'

/**
 * A configured product: which modules, who may do what in them, what is promised, and a believable world to try it
 * in.
 */
export type Edition = {
  name: string
  title: Bilingual
  modules: readonly Module[]
  /** The first role is the owner's: it may do everything that the edition has. */
  roles: Readonly<Record<string, readonly string[]>>
  policy: Policy
  page: Page
  demo: Demo
}

export type Bilingual = { en: string; ar: string }

/** Fills the demo workspace by calling operations, as a person would. */
export type Demo = { workspace: string; fill: (call: Call) => Promise<void> }

export function edition<const Modules extends readonly Module[]>(
  given: Omit<Edition, 'modules' | 'roles'> & {
    modules: Modules
    roles: Record<string, readonly (Grant<Modules[number]> | KernelGrant)[]>
  },
): Edition {
  return given
}

/** Kernel folders name their operations as modules do. */
export type KernelGrant = `identity.${string}` | `audit.${string}`
