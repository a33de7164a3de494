import { module } from '../contract/module.ts'
import * as alert from './alert.ts'
import * as entry from './entry.ts'
import * as hold from './hold.ts'
import * as log from './log.ts'
import * as retention from './retention.ts'
import * as subject from './subject.ts'
import { tables } from './tables.ts'
import * as total from './total.ts'

/** What was done, by whom, from where and to which record: written with the change or not at all, and never changed. */
export const audit = module('audit', import.meta.url, {
  nouns: { alert, entry, hold, log, retention, subject, total },
  tables,
  async plant(call, marker) {
    // One that is over holds nothing, and the log may forget all that was said of it.
    const hold = await call('audit.hold.place', { reason: `hold ${marker}` })
    await call('audit.hold.release', { id: hold.id, reason: `released ${marker}` })
    const alert = await call('audit.alert.plant', { name: marker })
    // Last, so that it is young: all of these end, and are planted anew before they do.
    const { data } = await call<{ data: { id: string }[] }>('audit.entry.list', { limit: 1 })
    return { alert: alert.id, entry: data[0]!.id, releasedHold: hold.id }
  },
})
