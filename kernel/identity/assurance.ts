import type { Policy } from '../contract/control.ts'

/**
 * How sure we are of somebody, and how sure one has to be. It is a fact of the session, looked up with it and held
 * against the demand in one place, whichever way they came in: by password, link, passkey or key.
 */
export type Demands = {
  policy: Policy['secondFactor']
  /** What the workspace asks for itself, and from when on. */
  workspace: 'policy' | 'administrators' | 'everyone'
  workspaceFrom: string | null
  isAdministrative: boolean
}

/** From when on somebody without a second factor is let in nowhere; never, where nobody demands one. */
export function demandedFrom_ms({ policy, workspace, workspaceFrom, isAdministrative }: Demands): number {
  const concerns = (who: string) => who === 'everyone' || (who === 'administrators' && isAdministrative)
  if (concerns(policy)) return 0
  if (policy !== 'not offered' && concerns(workspace)) return workspaceFrom ? Date.parse(workspaceFrom) : 0
  return Number.POSITIVE_INFINITY
}

/** How fresh a proof must be for an operation that deserves a second look. */
export const FRESH_FOR_MS = 15 * 60_000
