import { control } from '../contract/control.ts'
import type { Finding, Live } from '../contract/control.ts'

/** What everything above stands on: a database server that has the fixes its makers have published. */
export const version = control({
  claim: 'The database server is not older than the newest security fixes that we know of for its major release.',
  enforcedBy: ['kernel/postgres/embedded/binaries.ts', 'kernel/tenancy/cluster.ts'],
  every: '1 day',
  async probe(live) {
    const versions = await versionsOf(live)
    const worst = versions.map(judge).find(({ holds }) => !holds)
    const detail = { versions: versions.map(readable), fixed: FIXED_IN }
    return {
      ...(worst ?? { holds: true, saw: 'the database server has the newest security fixes we know of' }),
      detail,
    }
  },
  /**
   * No statement makes a server older, so an old one's answer is put in the place of this one's. That the judgement
   * itself can go either way is shown by the table of versions in controls.test.ts.
   */
  sabotage: ({ canaries }) => {
    const { north } = canaries[0]!
    const { catalogue } = north
    north.catalogue = async (statement, values) =>
      statement === VERSION ? [{ version: 150_000 }] : await catalogue(statement, values)
    return Promise.resolve(() => void (north.catalogue = catalogue))
  },
})

/** The minor release of each major that closed the last published hole, all of one day in November 2026. */
const FIXED_IN: Readonly<Record<number, number>> = { 15: 20, 16: 16, 17: 12, 18: 7 }

const VERSION = `select current_setting('server_version_num')::int as version`

/** Realms may come to stand on servers of their own, so each is asked. */
async function versionsOf({ canaries, directory }: Live): Promise<number[]> {
  const servers = [directory, ...canaries.flatMap(({ north, south }) => [north.catalogue, south.catalogue])]
  const answers = await Promise.all(servers.map((ask) => ask(VERSION)))
  return [...new Set(answers.map((rows) => Number(rows[0]?.['version'])))]
}

function judge(version: number): Finding {
  const minor = FIXED_IN[Math.floor(version / 10_000)]
  if (minor === undefined)
    return { holds: false, saw: 'which security fixes this database server needs is not known to us' }
  return version % 10_000 >= minor
    ? { holds: true, saw: '' }
    : { holds: false, saw: 'the database server is older than the newest security fixes we know of' }
}

/** 180004 is 18.4. */
const readable = (version: number) => `${Math.floor(version / 10_000)}.${version % 10_000}`
