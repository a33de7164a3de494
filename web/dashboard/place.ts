/** The workspace that this tab is in stands in the address, so that two tabs can be in two. */
export function workspaceHere(): string {
  return /^\/app\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/|$)/.exec(location.pathname)?.[1] ?? ''
}

const LAST = 'vouchsafe-workspace'

/** Where whoever gives no workspace in the address was last. */
export const lastWorkspace = () => localStorage.getItem(LAST) ?? ''

export const rememberWorkspace = (workspace: string) => localStorage.setItem(LAST, workspace)
