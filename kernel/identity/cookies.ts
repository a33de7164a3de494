import { idIn } from './token.ts'

/** Which cookies hold the two halves of a session in this workspace. */
export const accessCookie = (workspace: string) => `a-${idIn(workspace)}`
export const refreshCookie = (workspace: string) => `r-${idIn(workspace)}`

/** The header in which our pages say which workspace they are in; no form can send it, and no other site's script. */
export const WORKSPACE_HEADER = 'vouchsafe-workspace'
