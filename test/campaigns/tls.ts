/**
 * Two strangers who know nothing of this code look at the TLS doors of two editions, one with each floor: sslscan
 * always, testssl at full size, for it takes minutes. What they find worse than a note fails, except what follows from
 * the certificate being of an authority that nobody outside knows.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Result, Say, Size } from '../../cli/campaign.ts'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { treasury } from '../../editions/treasury/edition.ts'
import type { Policy } from '../../kernel/contract/control.ts'
import { world } from '../../kernel/testing.ts'

export const summary = 'has sslscan and testssl look at the TLS doors: neither finds anything worse than a note'

export async function campaign(size: Size, say: Say): Promise<Result> {
  const counts = { doors: 0, findings: 0, faults: 0, 'not looked at': 0, 'checkers that are not here': 0 }
  const checkers = size === 'full' ? [sslscan, testssl] : [sslscan]
  for (const edition of [jeweller, treasury]) {
    await using here = await world(edition)
    const door = { port: here.served.listening.tlsPort, floor: edition.policy.tls }
    counts.doors += 1
    for (const look of checkers) {
      const found = await look(door)
      if (!found) {
        counts['checkers that are not here'] += 1
        say(`${look.name} is not installed here (on Debian: apt-get install sslscan testssl.sh), so it saw nothing`)
        continue
      }
      const [faults, unseen] = [found.filter(({ verdict }) => verdict === 'fault'), found.filter(isUnseen)]
      counts.findings += found.length
      counts.faults += faults.length
      counts['not looked at'] += unseen.length
      for (const { what } of [...faults, ...unseen]) say(`${look.name}, TLS ${door.floor}: ${what}`)
      // Who looked and saw next to nothing could not look.
      if (found.length - unseen.length < FEWEST[look.name]! || unseen.length > MOST_UNSEEN) counts.faults += 1
      say(`${look.name}, TLS ${door.floor}: ${found.length} findings, ${faults.length} faults`)
    }
  }
  return { counts, ok: counts.faults === 0 }
}

type Door = { port: number; floor: Policy['tls'] }
type Found = { what: string; verdict: 'note' | 'fault' | 'unseen' }

/** Protocols, ciphers and groups of a door with nothing in it that is not needed; testssl tells about everything. */
const FEWEST: Record<string, number> = { sslscan: 12, testssl: 80 }

/** On a busy machine one of its hundred connections may come to nothing; it says so, and goes on. */
const MOST_UNSEEN = 2
const isUnseen = ({ verdict }: Found) => verdict === 'unseen'

const WITHIN_MS = 10 * 60_000

/** By what it accepted: `<cipher status="accepted" sslversion="TLSv1.3" bits="256" … />`. */
async function sslscan({ port, floor }: Door): Promise<Found[] | undefined> {
  const xml = await run('sslscan', ['--xml=-', `localhost:${port}`])
  if (xml === undefined) return undefined
  const seen = [...xml.matchAll(/<(protocol|cipher|group|heartbleed|renegotiation|compression) ([^>]*)\/>/g)]
  return seen.map(([what, kind, attributes]) => {
    const read = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes!)?.[1] ?? ''
    const version = Number(read('type') === 'ssl' ? 0 : read('version') || read('sslversion').replace('TLSv', ''))
    const weak = (bits: number) => version < Number(floor) || Number(read('bits')) < bits
    const faults: Record<string, boolean> = {
      protocol: read('enabled') === '1' && version < Number(floor),
      cipher: weak(128) || !/^(strong|acceptable)$/.test(read('strength')) || !/GCM|POLY1305/.test(read('cipher')),
      group: weak(128),
      heartbleed: read('vulnerable') !== '0',
      renegotiation: read('supported') === '1' && read('secure') !== '1',
      compression: read('supported') !== '0',
    }
    return { what: what.replace(/\s+/g, ' '), verdict: faults[kind!] ? 'fault' : 'note' }
  })
}

/** What it says about whom it does not know; that the authority is ours is meant so. */
const OF_OUR_OWN_AUTHORITY = new Set(['cert_chain_of_trust', 'cert_revocation', 'cert_trust'])
const NOTES = new Set(['OK', 'INFO', 'LOW'])
const isNote = (id: string, severity: string) => NOTES.has(severity) || OF_OUR_OWN_AUTHORITY.has(id.replace(/ .*$/, ''))

async function testssl({ port }: Door): Promise<Found[] | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'testssl-'))
  try {
    const report = join(folder, 'report.json')
    const quiet = ['--quiet', '--color', '0', '--warnings', 'off', '--ip', '127.0.0.1']
    if ((await run('testssl', [...quiet, '--jsonfile', report, `localhost:${port}`])) === undefined) return undefined
    const found = JSON.parse(readFileSync(report, 'utf8')) as { id: string; severity: string; finding: string }[]
    return found.map(({ id, severity, finding }) => ({
      what: `${severity} ${id}: ${finding}`,
      verdict: severity === 'WARN' ? 'unseen' : isNote(id, severity) ? 'note' : 'fault',
    }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What it printed, however it ended: both say by their exit code that they found something. */
async function run(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await promisify(execFile)(program, args, { timeout: WITHIN_MS, maxBuffer: 16_777_216 })).stdout
  } catch (error) {
    const { code, killed, stdout } = error as { code?: unknown; killed?: boolean; stdout?: string }
    if (code === 'ENOENT') return undefined
    if (killed || typeof code !== 'number') throw error
    return stdout ?? ''
  }
}
