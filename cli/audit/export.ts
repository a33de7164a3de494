import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { standing } from '../../kernel/audit/sealing/standing.ts'
import { headIn } from '../../kernel/audit/sealing/copies.ts'
import { openExport } from '../../kernel/audit/sealing/exporting.ts'
import { Trouble } from '../../kernel/base/trouble.ts'
import { changing } from '../../kernel/postgres/work.ts'
import { sealerOf } from '../../kernel/serve/open.ts'
import type { Parts } from '../../kernel/serve/parts.ts'
import type { Place } from '../../kernel/tenancy/realms.ts'
import { insistOnId, placeOf, withDeployment } from '../deployment.ts'

export const usage = `
Usage: npx vouchsafe audit export WORKSPACE [--since FILE] [-o FILE]

Writes a workspace's whole log as one file that strangers can verify, and says so in the log. FILE of --since is a
checkpoint that somebody kept, or an earlier export: the file then proves that the log continues it. Exit code 5: the
log would have to put its name to what is not so, and nothing is written.
`

/** That it was taken is written in it first, and so stands at its end. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { since: { type: 'string' }, out: { type: 'string', short: 'o' }, edition: { type: 'string' } },
  })
  const [workspace = '', ...more] = positionals
  if (more.length > 0) throw new Trouble('Say audit export with one workspace.', 2)
  const { since, out, edition } = values
  insistOnId(workspace)
  const kept = since === undefined ? [] : await notesIn(since)
  await withDeployment(edition, async (parts) => {
    const place = await placeOf(parts, workspace)
    await noteExport(parts, place, since !== undefined)
    const { deployment, vault, copies } = parts
    const means = { keeper: deployment.keeper, role: deployment.names.keeper, vault, copies }
    const { lines, end } = await openExport(means, place, kept)
    try {
      await (out === undefined
        ? pipeline(Readable.from(lines), process.stdout, { end: false })
        : writeWhole(out, lines))
    } finally {
      end()
    }
  })
  return 0
}

/** The head that somebody kept, or those of an earlier export. */
async function notesIn(file: string): Promise<string[]> {
  const lines: string[] = []
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      const isHeader = line.startsWith('{"checkpoint":')
      if (isHeader) lines.push((JSON.parse(line) as { checkpoint: string }).checkpoint)
      if (!line.startsWith('{')) return [noteFrom(file, await readAll(file))]
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw code === 'ENOENT' ? new Trouble(`There is no file ${file}: name one that you kept.`, 2) : error
  }
  return lines.map((note) => noteFrom(file, note))
}

/** Longer than a note can be. */
const MOST_BYTES = 200_000

async function readAll(file: string): Promise<string> {
  const pieces: Buffer[] = await Array.fromAsync(createReadStream(file, { end: MOST_BYTES }))
  return Buffer.concat(pieces).toString()
}

function noteFrom(file: string, note: string): string {
  try {
    headIn(note)
    return note
  } catch {
    throw new Trouble(`Neither a head of a log nor an export is in ${file}: name a file that you kept.`, 2)
  }
}

/** Sealed before anything else happens, here where nothing else does it just now. */
async function noteExport(parts: Parts, place: Place, isSince: boolean) {
  const { realms, names } = parts.deployment
  const scope = { role: names.recorder, schema: 'audit', workspace: place.workspace }
  const actor = { id: 'operator', kind: 'system', name: 'Operator of this deployment' } as const
  const requestId = randomUUID()
  const entry = parts.record('audit.log.export', actor, { requestId }, { since: isSince }, null)
  await changing(realms.open(place.realm), scope).run(entry)
  await using sealer = sealerOf(parts)
  for (const until_ms = Date.now() + SEALED_WITHIN_MS; !(await isSealed(parts, place, requestId));) {
    const refused = (await standing(parts.deployment.keeper.open(place.realm)))?.refused
    if (refused || Date.now() > until_ms)
      return console.error('What was written last is not in it: it waits to be sealed. See vouchsafe audit head.')
    await sealer.settled(place.realm)
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS))
  }
}

/** Where something is under way for long, this is as long as anybody waits. */
const SEALED_WITHIN_MS = 10_000
const LOOK_EVERY_MS = 50

async function isSealed({ deployment }: Parts, { workspace, realm }: Place, requestId: string): Promise<boolean> {
  const text = `select from audit.entry e join audit.leaf f on f.workspace_id = e.workspace_id and f.id = e.id
    where e.workspace_id = $1 and e.request_id = $2`
  const [found] = await deployment.keeper.open(realm).run([{ text, values: [workspace, requestId] }])
  return found!.rows.length > 0
}

/** Whole or not at all, and for nobody else to read. */
async function writeWhole(out: string, lines: AsyncIterable<string>) {
  const path = resolve(out)
  const draft = `${path}.${randomUUID()}.draft`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      for await (const line of lines) await file.writeFile(line)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    throw asTrouble(error as NodeJS.ErrnoException, path)
  } finally {
    await rm(draft, { force: true })
  }
}

function asTrouble(error: NodeJS.ErrnoException, path: string): Error {
  const says: Record<string, string> = {
    ENOENT: `There is no folder ${dirname(path)}: make it, or name another with -o.`,
    EACCES: `${dirname(path)} may not be written to by this user: name another folder with -o.`,
    EISDIR: `${path} is a folder: name a file in it with -o.`,
    ENOSPC: 'The disk is full: make room, or name a file on another with -o.',
  }
  const sentence = says[error.code ?? '']
  return sentence ? new Trouble(sentence) : error
}
