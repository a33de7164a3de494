import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { helpdesk } from '../../editions/helpdesk/edition.ts'
import { suite as suites } from '../../editions/suite/edition.ts'
import { treasury } from '../../editions/treasury/edition.ts'
import type { Control } from '../contract/control.ts'
import { breakable } from '../serve/live/breakable.ts'
import { world } from '../testing.ts'
import { runControl } from '../trust/runner.ts'
import * as controls from './controls.ts'

/**
 * What these controls look at differs from edition to edition: every policy of second factors and of links is broken
 * here once. The drill of all controls has the edition in which neither is offered.
 */
const { apps, demanded, halfway, links, stepUp } = controls
const LOOKED_AT = [
  { edition: helpdesk, named: { apps, demanded, halfway, links, stepUp } },
  { edition: suites, named: { demanded, stepUp } },
  { edition: treasury, named: { apps, demanded, halfway, links } },
]

for (const { edition, named } of LOOKED_AT)
  suite(`broken in ${edition.name}, each is red, and it heals (ASVS 6.3.3, 6.5.1, 7.5.3; row 16)`, async () => {
    await using here = await world(edition, 'pool')
    const live = breakable(here.served)
    const look = async (control: Control) => {
      const { holds, detail } = await runControl('it', control, live)
      return { holds, why: holds === true ? null : detail }
    }
    const results = new Map<string, object>()
    for (const [which, control] of Object.entries(named)) {
      const whole = await look(control)
      const heal = await control.sabotage(live)
      const broken = await look(control)
      await heal()
      const healed = await look(control)
      results.set(which, { whole, broken: broken.holds, healed })
    }
    for (const [which, result] of results)
      test(which, () => {
        const holds = { holds: true, why: null }
        assert.deepEqual(result, { whole: holds, broken: false, healed: holds })
      })
  })
