import type { Control } from '../contract/control.ts'
import type { Page } from '../contract/page.ts'

/**
 * Gives every control its one name, folder and export: `tenancy.rows`. Evidence is kept under that name, so a control
 * that has none, or shares its claim with another, stops the boot.
 */
export function collect(folders: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Map<string, Control> {
  const found = Object.entries(folders).flatMap(([folder, exports]) =>
    Object.entries(exports).map(([name, given]) => [`${folder}.${name}`, given] as const),
  )
  const controls = new Map<string, Control>()
  const claims = new Map<string, string>()
  for (const [name, given] of found) {
    if (!NAME.test(name)) throw new Error(`A control cannot be called ${name}: it needs a folder and an export`)
    if (!isControl(given)) throw new Error(`${name} is exported beside controls and is not a control`)
    const twin = claims.get(given.claim)
    if (twin !== undefined) throw new Error(`${twin} and ${name} make the same claim: "${given.claim}"`)
    claims.set(given.claim, name)
    controls.set(name, given)
    remember(given, name)
  }
  return controls
}

export function nameOf(control: Control): string {
  const name = names.get(control)
  if (name === undefined) throw new Error(`No folder exports the control that claims: "${control.claim}"`)
  return name
}

/** Refuses a page that names a control nobody collected, or uses an id twice. */
export function refuseUnbound(page: Page) {
  const ids = new Set<string>()
  for (const sentence of page.sections.flatMap(({ sentences }) => sentences)) {
    if (ids.has(sentence.id)) throw new Error(`Two sentences of the page are called ${sentence.id}`)
    ids.add(sentence.id)
    sentence.controls.forEach(nameOf)
  }
}

const NAME = /^(?!.*\.default$)[a-z][a-z-]*\.[a-z][a-zA-Z0-9]*$/

/** A control is the same object wherever an edition refers to it, so its name can hang on the object. */
const names = new WeakMap<Control, string>()

function remember(control: Control, name: string) {
  const before = names.get(control)
  if (before !== undefined && before !== name) throw new Error(`${before} and ${name} are the same control`)
  names.set(control, name)
}

const isControl = (given: unknown): given is Control =>
  typeof given === 'object' &&
  given !== null &&
  'claim' in given &&
  typeof given.claim === 'string' &&
  given.claim.trim() !== '' &&
  'enforcedBy' in given &&
  Array.isArray(given.enforcedBy) &&
  given.enforcedBy.length > 0 &&
  'probe' in given &&
  typeof given.probe === 'function' &&
  'sabotage' in given &&
  typeof given.sabotage === 'function'
