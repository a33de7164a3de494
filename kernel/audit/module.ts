import { module } from '../contract/module.ts'
import * as entry from './entry.ts'
import { tables } from './tables.ts'

/** What was done, by whom, from where and to which record: written with the change or not at all, and never changed. */
export const audit = module('audit', import.meta.url, {
  nouns: { entry },
  tables,
  async plant(call) {
    const { data } = await call<{ data: { id: string }[] }>('audit.entry.list', { limit: 1 })
    return { entry: data[0]!.id }
  },
})
