import type { Canary, Live, Told } from '../../contract/control.ts'

export const everyCanary = ({ canaries }: Live) => canaries.flatMap(({ north, south }) => [north, south])

/** Whoever is no superuser sees rows from inside a workspace only; both statements are one transaction. */
export const inside = ({ catalogue, workspace }: Canary, statement: string) =>
  catalogue(`set local app.workspace = '${workspace}'; ${statement}`)

/** It came over the network, even if from ourselves. */
export const requestOf = ({ headers }: Told): string => {
  const id = headers.get('x-request-id') ?? ''
  return /^[0-9a-f-]{36}$/.test(id) ? id : 'none'
}

export const entriesOf = (canary: Canary, request: string) =>
  inside(
    canary,
    `select id, extract(epoch from at) * 1000 as at, action, outcome, actor_kind, actor_id, target, address, user_agent,
       input, changes
     from audit.entry where workspace_id = '${canary.workspace}' and request_id = '${request}' order by id`,
  )

/** What the probe needs to be allowed, to show anything. */
export function insistOn(told: Told, what: string, status = 200): Told {
  if (told.status !== status) throw new Error(`${what} was answered with ${told.status}`)
  return told
}
/** What belongs to no workspace lies under this. */
const NOBODYS = '00000000-0000-0000-0000-000000000000'

export const outside = ({ catalogue }: Canary, statement: string) =>
  catalogue(`set local app.workspace = '${NOBODYS}'; ${statement}`)
