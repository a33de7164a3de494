import { z } from 'zod'
import { operations } from '../contract/operation.ts'
import { Id, Moment } from '../contract/values.ts'
import type { Written } from '../mail/letter.ts'
import { ALERTS } from '../mail/templates.ts'
import type { Tables } from './tables.ts'

const { job } = operations<Tables>()

/** A workspace is not run by more; whoever has many owners has one who reads. */
const MOST_OWNERS = 50

/** Asked for by whoever watches the log, in the transaction in which the alert is raised. */
export const tell = job({
  summary: 'Write to the owners about something in the audit log that deserves a look',
  input: z.strictObject({
    id: Id,
    rule: z.enum(ALERTS),
    times: z.int(),
    from: Moment,
    to: Moment,
  }),
  output: z.strictObject({ id: Id, letters: z.int() }),
  example: (id) => ({
    id: id('alert'),
    rule: 'support' as const,
    times: 1,
    from: '2026-01-01T00:00:00Z',
    to: '2026-01-01T00:00:00Z',
  }),
  async run({ input: { id, rule: seen, times, ...when }, db, post, permissions }) {
    const { name: workspace } = await db.selectFrom('workspace').select('name').executeTakeFirstOrThrow()
    const [owner = ''] = permissions.roles.keys()
    const owners = await db
      .selectFrom('member')
      .select(['email', 'locale'])
      .where('state', '=', 'active')
      .where((eb) => eb(eb.val(owner), '=', eb.fn.any('roles')))
      .orderBy('id')
      .limit(MOST_OWNERS)
      .execute()
    for (const { email, locale } of owners)
      post({
        to: email,
        template: 'alert',
        locale: locale === 'ar' ? 'ar' : 'en',
        values: { workspace, seen, times: String(times), ...when },
      } satisfies Omit<Written<'alert'>, 'workspace'>)
    return { id, letters: owners.length }
  },
})
