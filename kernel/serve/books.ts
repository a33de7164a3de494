import type { Sql } from '../contract/control.ts'
import type { Deployment } from '../tenancy/deployment.ts'

/** Evidence, sightings and counts are written by the role that may add to them and to nothing else. */
export function booksOf({ directory, names }: Pick<Deployment, 'directory' | 'names'>): Sql {
  return async (text, values = []) => {
    const results = await directory.run([
      { text: `select set_config('role', $1, true)`, name: 'as', values: [names.directory] },
      { text, values },
    ])
    return results[1]!.rows
  }
}
