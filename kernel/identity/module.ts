import { module } from '../contract/module.ts'
import * as key from './key.ts'
import { tables } from './tables.ts'
import * as workspace from './workspace.ts'

/**
 * Who may come in. For now that is a key of one workspace: only its hash is kept, its rights are those of a role, it
 * can be replaced with a time of grace and ended at once.
 */
export const identity = module('identity', import.meta.url, {
  nouns: { key, workspace },
  tables,
  async plant(call, marker, role) {
    const make = async (name: string) => (await call('identity.key.create', { name: `${name} ${marker}`, role })).id
    return { key: await make('key'), spareKey: await make('spare key'), oldKey: await make('old key') }
  },
})
