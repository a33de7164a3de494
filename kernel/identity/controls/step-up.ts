import { control } from '../../contract/control.ts'
import type { Canary, Live, Told } from '../../contract/control.ts'
import { soon } from './demanded.ts'
import { anyCanary, codeOf, enrol, forgetStep, guestIn, inside, sampleOf } from './guest.ts'
import type { App, Guest } from './guest.ts'

export const stepUp = control({
  claim:
    'Operations that deserve a second look want a proof of a few minutes ago from whoever is signed in: with the ' +
    'second factor where they have one, with the password otherwise.',
  enforcedBy: [
    'kernel/serve/assurance.ts',
    'kernel/identity/assurance.ts',
    'kernel/identity/ways/prove.ts',
    'kernel/identity/ways/self.ts',
  ],
  every: '1 hour',
  async probe(live) {
    const faults = await proofFaults(live, anyCanary(live))
    return faults.length
      ? { holds: false, saw: 'an operation that wants a recent proof did without, or took none', detail: faults }
      : { holds: true, saw: 'an old proof opened nothing that wants a recent one, and a new proof did' }
  },
  sabotage: ({ misconfigure }) => Promise.resolve(misconfigure('no step-up')),
})

/** Written down a second time on purpose: an operation that is struck from those with a second look is missed here. */
const SENSITIVE = [
  'identity.key.create',
  'identity.key.rotate',
  'identity.key.revoke',
  'identity.role.create',
  'identity.role.update',
  'identity.role.remove',
  'identity.invitation.create',
  'identity.invitation.revoke',
  'identity.member.changeRoles',
  'identity.member.remove',
  'identity.workspace.update',
]
const TRIED = 5
const ANY = ['identity.workspace.get', 'identity.role.list']
const COLD = 'step-up-required'

async function proofFaults(live: Live, canary: Canary): Promise<string[]> {
  await using guest = await guestIn(live, canary, 'owner')
  const first = await guest.token()
  const app = live.policy.secondFactor === 'not offered' ? undefined : await enrol(canary, guest, first)
  await grow(canary, guest)
  const faults: string[] = []
  if (!(await soon(async () => codeOf(await guest.post('sessions-end-others', {}, first)) === COLD)))
    faults.push('an old proof was enough to end sessions')
  const ask = (name: string, token: string) => canary.call(name, {}, 'nobody', { authorization: `Bearer ${token}` })
  for (const name of sampleOf(SENSITIVE, TRIED))
    if (codeOf(await ask(name, first)) !== COLD) faults.push(`an old proof was enough for ${name}`)
  for (const name of ANY) if ((await ask(name, first)).status !== 200) faults.push(`${name} wanted a recent proof`)
  const wrong = await guest.post(
    'prove',
    { proof: app ? { by: 'password', password: guest.password } : NO_CODE },
    first,
  )
  if (wrong.status < 400) faults.push('somebody proved themselves with less than they have')
  const proven = await prove(canary, guest, app, first)
  if (proven.status !== 200) return [...faults, `a recent proof was answered ${proven.status}`]
  const { accessToken } = proven.json() as { accessToken: string }
  // Without an input it is refused for that, and no longer for want of a proof.
  const told = await ask('identity.key.create', accessToken)
  return told.status === 400 ? faults : [...faults, `after a recent proof it was answered ${told.status}`]
}

const NO_CODE = { by: 'totp', code: '000000' }

async function prove(canary: Canary, guest: Guest, app: App | undefined, token: string): Promise<Told> {
  if (!app) return await guest.post('prove', { proof: { by: 'password', password: guest.password } }, token)
  await forgetStep(canary, guest)
  return await guest.post('prove', { proof: { by: 'totp', code: app.shows() } }, token)
}

/** As if they had come in an hour ago. Touching the member makes every process look at the session anew. */
const grow = async ({ workspace, catalogue }: Canary, { id }: Guest): Promise<void> =>
  void (await catalogue(`${inside(workspace)}
    update identity.session set proved_at = proved_at - interval '1 hour', strong_at = strong_at - interval '1 hour'
      where workspace_id = '${workspace}' and person_id = '${id}';
    update identity.member set name = name where workspace_id = '${workspace}' and person_id = '${id}'`))
