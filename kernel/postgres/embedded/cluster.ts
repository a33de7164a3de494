import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
} from 'node:fs'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Trouble } from '../../base/trouble.ts'
import type { Binaries } from './binaries.ts'
import { complaint } from './failure.ts'
import { give, read } from './home.ts'
import type { Home } from './home.ts'
import { killOrphans } from './processes.ts'
import { run, spawning } from './run.ts'
import { HANDLE, WORKING_FOLDER, usesHandles } from './ways.ts'

/** A cluster is made aside and renamed, so `data` is whole or not there, whatever was killed in between. */
export async function createCluster(home: Home, binaries: Binaries, { durable }: { durable: boolean }) {
  for (const name of readdirSync(home.folder)) if (name.startsWith(UNFINISHED)) await clear(join(home.folder, name))
  if (existsSync(home.data)) return mustServe(home, binaries)
  makeSecret(home)
  const aside = mkdtempSync(join(home.folder, UNFINISHED))
  give(aside, home.account)
  await initialise(aside, home, binaries, durable)
  renameSync(aside, home.data)
  if (durable) persist(home.folder)
}

const UNFINISHED = 'unfinished-'

/** A killed Node leaves its initdb at work. */
async function clear(unfinished: string) {
  await killOrphans(unfinished)
  rmSync(unfinished, { recursive: true, force: true, maxRetries: 10 })
}

function mustServe({ data, secret }: Home, { major }: Binaries) {
  const found = read(join(data, 'PG_VERSION'))?.trim()
  if (found === undefined)
    throw new Trouble(`${data} is not a Postgres cluster: move it aside, or choose another folder.`)
  if (found !== major)
    throw new Trouble(
      `${data} was written by Postgres ${found} and this is ${major}: start the version of Vouchsafe that wrote it.`,
    )
  if (!read(secret)?.trim())
    throw new Trouble(`${secret} is missing, and with it the way into ${data}: put it back from your backup.`)
}

/** 192 bits, in letters that need no quoting anywhere. A whole one that an interrupted first start left is kept. */
function makeSecret({ secret, account }: Home) {
  if (read(secret)?.trim()) return
  writeFileSync(`${secret}.new`, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  give(`${secret}.new`, account)
  renameSync(`${secret}.new`, secret)
}

async function initialise(aside: string, home: Home, { folder }: Binaries, durable: boolean) {
  const handle = openSync(home.secret, 'r')
  const [data, secret] = usesHandles(home) ? [WORKING_FOLDER, HANDLE] : [aside, home.secret]
  const args = ['-D', data, '-U', 'postgres', `--pwfile=${secret}`, ...SHAPE, ...(durable ? [] : ['--no-sync'])]
  const { worked, printed } = await run(join(folder, 'initdb'), args, spawning(home.account, aside), handle)
  closeSync(handle)
  if (worked) return
  rmSync(aside, { recursive: true, force: true, maxRetries: 10 })
  appendFileSync(home.log, printed, { mode: 0o600 })
  throw complaint(printed, home.folder)
}

/** The builtin locale needs nothing of the system, so no upgrade of the system can break the order of an index. */
const SHAPE = [
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
]

function persist(folder: string) {
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
