import * as access from '../access/controls.ts'
import * as audit from '../audit/controls.ts'
import type { Control } from '../contract/control.ts'
import type { Module } from '../contract/module.ts'
import * as identity from '../identity/controls.ts'
import * as limits from '../limits/controls.ts'
import * as postgres from '../postgres/controls.ts'
import * as staff from '../staff/controls.ts'
import * as tenancy from '../tenancy/controls.ts'
import * as transport from '../transport/controls.ts'
import { collect } from '../trust/register.ts'
import * as trust from '../trust/controls.ts'
import * as vault from '../vault/controls.ts'
import * as serve from './controls.ts'

/** Every control of a deployment under its one name: the kernel's, then those of the modules it has. */
const kernel = { postgres, vault, tenancy, audit, limits, access, identity, staff, transport, trust, serve }

export const controlsOf = (modules: readonly Module[]): ReadonlyMap<string, Control> =>
  collect({
    ...kernel,
    ...Object.fromEntries(modules.filter(({ name }) => !(name in kernel)).map((one) => [one.name, one.controls])),
  })
