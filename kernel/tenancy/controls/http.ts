import { control } from '../../contract/control.ts'
import type { Canary, Live, LiveOperation, Pair } from '../../contract/control.ts'

/** One workspace attacks another through the front door, with a key of its own and every operation there is. */

export const reach = control({
  claim: 'No request, with any operation and any record’s id, reads or changes anything of another workspace.',
  enforcedBy: ['kernel/serve/dispatch.ts', 'kernel/identity/whois.ts', 'kernel/tenancy/realms.ts'],
  every: '5 minutes',
  async probe(live) {
    const leaks: string[] = []
    for (const { north, south } of attackers(live)) {
      // What is told nothing of the neighbour cannot meet it, and would make a record each time.
      for (const operation of live.operations.filter(
        ({ kind, references }) => kind === 'query' || references.length > 0,
      )) {
        const told = await north.call(operation.name, operation.example(south))
        if (told.text.includes(south.marker) || told.text.includes(south.workspace))
          leaks.push(`${operation.name} told of the neighbour`)
        if (operation.references.length > 0 && operation.kind === 'action' && told.status < 300)
          leaks.push(`${operation.name} took the neighbour’s record`)
      }
      if (!(await seesItself(north))) leaks.push('its own records were not seen')
    }
    return leaks.length
      ? { holds: false, saw: 'a request reached another workspace', detail: leaks }
      : { holds: true, saw: 'a workspace saw its own records, and through no operation those of another' }
  },
  async sabotage({ canaries, replace }) {
    // A build that lists keys with the owner's eyes: no id is guessed, the neighbour's rows simply come along.
    const { catalogue } = canaries[0]!.north
    return replace('identity.key.list', async () => ({
      data: (await catalogue(ALL_KEYS)).map((row) => row['key']),
      nextCursor: null,
    }))
  },
})

export const twins = control({
  claim: 'A record of another workspace and a record that never was get the same answer, byte for byte.',
  enforcedBy: ['kernel/serve/http/problem.ts', 'kernel/serve/mapping.ts', 'kernel/contract/refusal.ts'],
  every: '5 minutes',
  async probe(live) {
    const differences: string[] = []
    for (const { north, south } of attackers(live))
      for (const operation of live.operations.filter(({ references, kind }) => references.length > 0 && kind !== 'job'))
        for (const reference of operation.references)
          if (!(await isTwin(north, south, operation, reference))) differences.push(`${operation.name} ${reference}`)
    return differences.length
      ? {
          holds: false,
          saw: 'another workspace’s record could be told from one that does not exist',
          detail: differences,
        }
      : { holds: true, saw: 'other workspaces’ records and made-up ones gave equal answers' }
  },
  async sabotage({ canaries, replace }) {
    // Kind to the lost, and an oracle: it looks whether the row exists anywhere before it says no.
    const everyone = canaries.flatMap(({ north, south }) => [north, south])
    return replace('identity.key.rotate', async ({ input, workspace, proceed }) => {
      const { catalogue } = everyone.find((one) => one.workspace === workspace)!
      const exists = await catalogue('select id from identity.key where id = $1', [input['id']])
      if (exists.length === 0) throw new Error('no such key')
      return proceed()
    })
  },
})

/** Everything the output of a key names, so that the answer is well formed and only its contents are wrong. */
const ALL_KEYS = `
  select json_build_object('id', id, 'name', name, 'role', role, 'prefix', prefix, 'createdAt', created_at,
    'expiresAt', expires_at,
    'scopes', narrowed_to, 'madeBy', made_by,
    'revokedAt', revoked_at, 'lastUsedAt', last_used_at) as key from identity.key limit 200`

/** Both ways, in each kind of realm. */
const attackers = ({ canaries }: Live): Pick<Pair, 'north' | 'south'>[] =>
  canaries.flatMap(({ north, south }) => [
    { north, south },
    { north: south, south: north },
  ])

/** By its number, however many records probes have made since. */
async function seesItself(one: Canary): Promise<boolean> {
  const id = one.thing('entry')
  const told = await one.call('audit.entry.get', { id })
  const self = await one.call('identity.workspace.get', {})
  return told.status === 200 && told.json()['id'] === id && self.json()['id'] === one.workspace
}

/** Only the references differ between the two requests; only the request's own id may differ between the answers. */
async function isTwin(north: Canary, south: Canary, operation: LiveOperation, reference: string): Promise<boolean> {
  const own = operation.example(north)
  const foreign = at(operation.example(south), reference)
  const absent = typeof foreign === 'string' ? madeUp(foreign) : foreign
  const [one, other] = [
    await north.call(operation.name, set(own, reference, foreign)),
    await north.call(operation.name, set(own, reference, absent)),
  ]
  // A list filtered by a foreign id is empty, as it is for a made-up one; anything else must be refused.
  const refusedOrEmpty = one.status >= 400 || operation.kind === 'query'
  return refusedOrEmpty && one.status === other.status && bare(one.text) === bare(other.text)
}

const bare = (text: string) => text.replace(/urn:uuid:[0-9a-f-]{36}/g, 'urn:uuid:…')

/** The same id but for its last digits: of the same form and age, and nobody's. */
const madeUp = (id: string) =>
  `${id.slice(0, -6)}${id.slice(-6).replace(/./g, (digit) => ((Number.parseInt(digit, 16) + 7) % 16).toString(16))}`

type Tree = Record<string, unknown>

const at = (tree: Tree, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, key) => (inner as Tree | undefined)?.[key], tree)

function set(tree: Tree, path: string, value: unknown): Tree {
  const [key = '', ...rest] = path.split('.')
  const copy: Tree = Array.isArray(tree) ? (Object.assign([], tree) as unknown as Tree) : { ...tree }
  copy[key] = rest.length ? set((copy[key] ?? {}) as Tree, rest.join('.'), value) : value
  return copy
}
