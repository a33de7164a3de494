import { readFileSync, statSync } from 'node:fs'
import { Trouble } from '../../base/trouble.ts'

/** The unprivileged user who runs the server when we are root. */
export type Account = { uid: number; gid: number }

/** Preferred first; both Debian and Red Hat have the second everywhere. */
const CANDIDATES = ['postgres', 'nobody']

/** An existing cluster keeps its owner, whoever that is: Postgres serves it to nobody else. */
export function accountFor(data: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const existing = statSync(data, { throwIfNoEntry: false })
  if (existing?.uid === 0)
    throw new Trouble(
      `${data} belongs to root, who may not run Postgres: run chown -R postgres ${data} and start again.`,
    )
  if (existing) return { uid: existing.uid, gid: existing.gid }
  const entries = readFileSync('/etc/passwd', 'utf8').split('\n').map(parse)
  const found = CANDIDATES.map((name) => entries.find((entry) => entry.name === name)).find((entry) => entry?.uid)
  if (found) return { uid: found.uid, gid: found.gid }
  throw new Trouble('Postgres may not run as root and this system has no user to run it: add a user called postgres.')
}

function parse(line: string) {
  const [name = '', , uid, gid] = line.split(':')
  return { name, uid: Number(uid), gid: Number(gid) }
}
