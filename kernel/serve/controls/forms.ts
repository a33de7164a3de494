import { control } from '../../contract/control.ts'
import type { Canary, Live } from '../../contract/control.ts'

export const forms = control({
  claim: 'Nothing is changed by a form that some other page posts: every action reads JSON and refuses all else.',
  enforcedBy: ['kernel/serve/http/http.ts'],
  every: '5 minutes',
  async probe(live) {
    const { north } = live.canaries[0]!
    const posted: Posted[] = []
    // An action that reads one form is enough: what was posted on to others would be read there too.
    for (const name of actionsOf(live))
      if (posted.every(isRefused))
        posted.push(...(await Promise.all(FORMS.map((form) => post(live, north, name, form)))))
    const taken = posted.filter((one) => !isRefused(one))
    const changed = await changesBy(
      north,
      posted.map(({ request }) => request),
    )
    const detail = { posted: posted.length, taken, changed }
    if (posted.length === 0) return { holds: false, saw: 'there was no action to post to', detail }
    return taken.length || changed > 0
      ? { holds: false, saw: 'a posted form was read', detail }
      : { holds: true, saw: 'forms of every kind were refused by every action, and nothing changed', detail }
  },
  sabotage: async ({ misconfigure }) => misconfigure('any content type'),
})

type Form = { type: string | undefined; body: string }

/**
 * What a page can send without asking first, and JSON by another name. What they say is nothing any action would
 * take.
 */
const FORMS: readonly Form[] = [
  { type: 'application/x-www-form-urlencoded', body: 'unexpected=1' },
  {
    type: 'multipart/form-data; boundary=edge',
    body: '--edge\r\nContent-Disposition: form-data; name="unexpected"\r\n\r\n1\r\n--edge--\r\n',
  },
  { type: 'text/plain', body: '{"unexpected":1}' },
  { type: 'text/plain;charset=UTF-8', body: '{"unexpected":1,"=":""}' },
  { type: 'application/json; charset=utf-16', body: '{"unexpected":1}' },
  { type: 'application/json, text/plain', body: '{"unexpected":1}' },
  { type: undefined, body: '{"unexpected":1}' },
]

const actionsOf = ({ operations }: Live) => operations.filter(({ kind }) => kind === 'action').map(({ name }) => name)

type Posted = { name: string; type: string | undefined; status: number; request: string | null }
const isRefused = ({ status }: Posted) => status === 415

async function post({ http }: Live, { key }: Canary, name: string, { type, body }: Form): Promise<Posted> {
  const headers = { authorization: `Bearer ${key}`, ...(type === undefined ? {} : { 'content-type': type }) }
  const { status, headers: told } = await http(`/v1/${name}`, { method: 'POST', headers, body })
  return { name, type, status, request: told.get('x-request-id') }
}

/** Every change leaves an entry that names its request. */
async function changesBy({ catalogue, workspace }: Canary, requests: readonly (string | null)[]): Promise<number> {
  const list = requests.flatMap((id) => (id && /^[0-9a-f-]{36}$/.test(id) ? [`'${id}'`] : []))
  if (list.length !== requests.length) throw new Error('an answer did not name its request')
  // Whoever is no superuser sees rows from inside a workspace only; both statements are one transaction.
  const [row] = await catalogue(
    `set local app.workspace = '${workspace}';
     select count(*)::int as n from audit.entry where workspace_id = '${workspace}' and request_id in (${list.join()})`,
  )
  return Number(row?.['n'])
}
