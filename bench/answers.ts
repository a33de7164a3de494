import { isDeepStrictEqual } from 'node:util'
import { requestsOf } from './requests.ts'
import type { Kind } from './requests.ts'
import type { Sides } from './rounds.ts'
import type { World } from './world.ts'

/**
 * Two servers may only be compared when they say the same: the same rows of the same shop, and of a foreign one
 * nothing.
 */
export async function insistOnEqualAnswers({ workspaces }: World, sides: Sides): Promise<void> {
  const [mine, other] = workspaces
  const list = await both(sides, 'list', { ...mine!, rows: [] })
  const row = await both(sides, 'get', { ...mine!, rows: [mine!.rows[0]!] })
  const foreign = await both(sides, 'get', { ...mine!, rows: [other!.rows[0]!] })
  insist(isDeepStrictEqual(list.ours.body['data'], list.limit.body['data']), 'the lists differ')
  insist((list.ours.body['data'] as unknown[]).length === 50, 'the lists are not of 50')
  insist(isDeepStrictEqual(row.ours.body, row.limit.body) && row.ours.status === 200, 'the rows differ')
  insist(foreign.ours.status === 404 && foreign.limit.status === 404, 'a foreign row is not refused')
}

type Workspace = World['workspaces'][number]

const both = async (sides: Sides, kind: Kind, workspace: Workspace) => ({
  ours: await ask(sides, 'ours', kind, workspace),
  limit: await ask(sides, 'limit', kind, workspace),
})

/** The very text that the load will send, read back into an address and headers. */
async function ask(sides: Sides, server: keyof Sides, kind: Kind, workspace: Workspace) {
  const { port } = sides[server]
  const [first = '', ...lines] = requestsOf({ server, kind, port }, [workspace]).next().trimEnd().split('\r\n')
  const headers = lines.map((line) => line.split(': ') as [string, string]).filter(([name]) => name !== 'host')
  const response = await fetch(`http://localhost:${port}${first.split(' ')[1]}`, { headers })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

function insist(holds: boolean, otherwise: string) {
  if (!holds) throw new Error(`nothing was measured: ${otherwise}`)
}
