/**
 * Runs every probe, against a deployment made for it and thrown away, or against the one that runs; prints the page.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readConfig } from '../kernel/base/config.ts'
import { Trouble } from '../kernel/base/trouble.ts'
import type { Control, Live } from '../kernel/contract/control.ts'
import type { Edition } from '../kernel/contract/edition.ts'
import { boot } from '../kernel/serve/boot.ts'
import { liveOf } from '../kernel/serve/live/live.ts'
import { controlsOf } from '../kernel/serve/register.ts'
import { evidenceStore, serve } from '../kernel/serve/serve.ts'
import { certificatesOf, ownCertificate } from '../kernel/transport/certificate.ts'
import { securityDocument } from '../kernel/trust/document.ts'
import type { SecurityDocument } from '../kernel/trust/document.ts'
import type { Evidence, Store } from '../kernel/trust/evidence.ts'
import { runAll } from '../kernel/trust/runner.ts'
import { memoryStore } from '../kernel/trust/store.ts'
import { inColour, pageText, progress } from '../kernel/trust/terminal.ts'
import { dashboard } from '../web/build.ts'
import { editionCalled } from './editions.ts'
import { runningIn } from './deployment.ts'

export const usage = `
Usage: npx vouchsafe prove [--edition NAME] [--json] [--running]

  --running   probe the deployment that runs on the data folder, and keep the evidence there
  --json      the signed-off document instead of the page; evidence that could not be had is named on stderr

Exit code 1 when a claim fails.
`

export type Proof = { document: SecurityDocument; evidence: Evidence[] }
type Step = (done: number, all: number, name: string) => void

export async function run(args: string[]): Promise<number> {
  const options = { edition: { type: 'string' }, json: { type: 'boolean' }, running: { type: 'boolean' } } as const
  const { values } = parseArgs({ args, options })
  const bar = progress(process.stderr)
  const name = values.edition ?? process.env['EDITION']
  const { document, evidence } = values.running
    ? await proveRunning(bar.step)
    : await proveInPrivate(await editionCalled(name ?? 'jeweller'), bar.step)
  bar.end()
  const width = Math.min(process.stdout.columns ?? 100, 120)
  console.log(
    values.json
      ? JSON.stringify(document, null, 2)
      : pageText(document, { colour: inColour(process.stdout, process.env), width }),
  )
  for (const { control, holds, detail } of evidence)
    if (holds !== true) console.error(`${control}: ${JSON.stringify(detail)}`)
  return document.counts.failing > 0 ? 1 : 0
}

/** A deployment on a server, folder and ports of its own; nothing of it is left. */
export async function proveInPrivate(edition: Edition, step: Step): Promise<Proof> {
  const data = mkdtempSync(join(tmpdir(), 'vouchsafe-prove-'))
  try {
    const config = readConfig({ VOUCHSAFE_DATA: data, EDITION: edition.name, DATABASE_URL: undefined })
    await using booted = await boot(config, edition)
    const certificate = await ownCertificate(join(data, 'tls'), ['localhost'])
    const quiet = { host: '127.0.0.1', port: 0, tlsPort: 0, certificate, probing: false, dashboard: await dashboard() }
    await using served = await serve(booted.parts, quiet)
    return await prove(edition, served.controls, served.live, memoryStore(), step)
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

async function proveRunning(step: Step): Promise<Proof> {
  const config = readConfig(process.env)
  const running = runningIn(config.data)
  if (!running) throw new Trouble(`Nothing runs on ${config.data}: start it with npm start, or leave --running out.`)
  const edition = await editionCalled(running.edition)
  await using booted = await boot(config, edition)
  const { cert } = await certificatesOf(config)()
  const base = { url: new URL(`https://localhost:${running.tlsPort}`), certificate: () => cert }
  const doors = { tls: { host: 'localhost', port: running.tlsPort }, plain: running.plainDoors }
  await using live = await liveOf(booted.parts, base, doors)
  return await prove(edition, controlsOf(booted.parts.modules), live, evidenceStore(booted.parts), step)
}

/** Runs all controls, two at a time, and draws the page that they add up to. */
async function prove(
  edition: Edition,
  controls: ReadonlyMap<string, Control>,
  live: Live,
  store: Store,
  step: Step,
): Promise<Proof> {
  const evidence = await runAll(controls, live, async (found, done, all) => {
    await store.save(found)
    step(done, all, found.control)
  })
  const latest = await store.latest()
  return { evidence, document: securityDocument({ edition, latest, attestations: new Map(), now: new Date() }) }
}
