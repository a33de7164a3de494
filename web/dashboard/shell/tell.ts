import { useSyncExternalStore } from 'react'

/** Says that something was done, and offers to take it back where it can be. */
export function tell(title: string, undo?: Undo): void {
  const id = (last += 1)
  told = [...told, { id, title, undo }].slice(-MOST)
  changed()
  setTimeout(() => untell(id), SHOWN_MS)
}

export function untell(id: number): void {
  told = told.filter((one) => one.id !== id)
  changed()
}

export const useTold = () => useSyncExternalStore(listen, () => told)

type Undo = { press: string; run: () => void }
type Told = { id: number; title: string; undo: Undo | undefined }

/** Long enough to notice a mistake and take it back. */
const SHOWN_MS = 10_000
const MOST = 4

let last = 0
let told: readonly Told[] = []
const listeners = new Set<() => void>()
const changed = () => listeners.forEach((listener) => listener())
function listen(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
