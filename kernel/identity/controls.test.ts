import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { helpdesk } from '../../editions/helpdesk/edition.ts'
import { suite as suites } from '../../editions/suite/edition.ts'
import { treasury } from '../../editions/treasury/edition.ts'
import type { Breakable, Control, Heal } from '../contract/control.ts'
import { breakable, swap } from '../serve/live/breakable.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'
import { runControl } from '../trust/runner.ts'
import * as controls from './controls.ts'
import { undoing } from './controls/careless.ts'
import { createHashing } from './passwords/hashing.ts'

/**
 * What these controls look at differs from edition to edition: every policy of second factors and of links is broken
 * here once. The drill of all controls has the edition in which neither is demanded.
 */
const { apps, demanded, halfway, invitations, links, passwords, reset, secrets, stepUp } = controls

const worlds = new AsyncDisposableStack()
after(() => worlds.disposeAsync())

async function look(control: Control, live: Breakable) {
  const { holds, detail } = await runControl('it', control, live)
  return { holds, why: holds === true ? null : detail }
}

async function drill(control: Control, live: Breakable, breaks: () => Promise<Heal> | Heal) {
  const heal = await breaks()
  const broken = await look(control, live)
  await heal()
  assert.equal(broken.holds, false, JSON.stringify(broken.why))
  assert.deepEqual(await look(control, live), { holds: true, why: null })
}

const byEdition = [
  { edition: suites, named: { demanded, stepUp } },
  { edition: treasury, named: { apps, demanded, halfway, links } },
]

for (const { edition, named } of byEdition)
  suite(`in ${edition.name} a factor that is owed is asked for on every path (ASVS 6.3.3, 6.5.1, row 16)`, async () => {
    const here = worlds.use(await world(edition, 'pool'))
    const live = breakable(here.served)
    for (const [name, control] of Object.entries(named))
      test(`${name} holds, is red when it is broken, and heals`, async () => {
        assert.deepEqual(await look(control, live), { holds: true, why: null })
        await drill(control, live, () => control.sabotage(live))
      })
  })

suite('a control notices each thing that it promises, not only what its sabotage breaks', async () => {
  const here = worlds.use(await world(helpdesk, 'pool'))
  const live = breakable(here.served)
  for (const [name, control] of Object.entries({ apps, demanded, halfway, links, reset, stepUp }))
    test(`${name}: what its sabotage breaks`, () => drill(control, live, () => control.sabotage(live)))
  for (const { control, what, breaks } of careless(here, live)) test(what, () => drill(control, live, breaks))
})

type Fault = { control: Control; what: string; breaks: () => Promise<Heal> | Heal }

function careless({ served }: World, live: Breakable): Fault[] {
  const { parts } = served
  const { house, vault } = parts
  const { hashing } = house
  const fault = (control: Control, what: string, breaks: Fault['breaks']): Fault => ({ control, what, breaks })
  const rows = (control: Control, what: string, table: string, when: string, deed: string) =>
    fault(control, what, () => undoing(live, table, when, deed))
  return [
    rows(apps, 'apps: a code on paper that works again', 'recovery_code', 'update', 'new.used_at := null'),
    rows(demanded, 'demanded: a key that is nobody’s', 'key', 'insert', 'new.made_by := null'),
    rows(invitations, 'invitations: one that cannot be revoked', 'invitation', 'update', 'new.revoked_at := null'),
    rows(
      invitations,
      'invitations: somebody comes in as more than they were invited as',
      'member',
      'insert',
      `if new.invited_by is not null then new.roles := array['owner']; end if`,
    ),
    rows(
      links,
      'links: one that waits for a day',
      'ticket',
      'insert',
      `if new.purpose = 'link' then new.expires_at := new.expires_at + interval '1 day'; end if`,
    ),
    fault(links, 'links: one that opens in any browser', () => swap(vault, { checkMac: () => true })),
    rows(reset, 'reset: sessions outlive the password', 'session', 'update', 'new.ended_at := null'),
    fault(reset, 'reset: letters without an end', () => live.misconfigure('no limit of attempts')),
    fault(passwords, 'passwords: another kind of hash than the policy’s', () =>
      swap(house, { hashing: createHashing('bcrypt') }),
    ),
    fault(passwords, 'passwords: only the first 72 bytes count', () =>
      swap(hashing, {
        hash: (
          (hash) => (typed: string) =>
            hash(typed.slice(0, 72))
        )(hashing.hash),
        check: ((check) => async (typed: string, stored: Parameters<typeof check>[1]) => {
          const cut = await check(typed.slice(0, 72), stored)
          return cut.ok ? cut : await check(typed, stored)
        })(hashing.check),
      }),
    ),
    fault(secrets, 'secrets: an app’s secret in the clear', () =>
      swap(vault, { seal: (text) => text.toString('base64url'), open: (text) => Buffer.from(text, 'base64url') }),
    ),
  ]
}
