/** Serves an edition from a data folder, and says where to go and how to get in. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { isLoopback, readConfig } from '../kernel/base/config.ts'
import type { Config } from '../kernel/base/config.ts'
import { Trouble } from '../kernel/base/trouble.ts'
import { smtpOf } from '../kernel/mail/smtp.ts'
import { boot } from '../kernel/serve/boot.ts'
import type { Booted } from '../kernel/serve/boot.ts'
import { serve } from '../kernel/serve/serve.ts'
import type { Served } from '../kernel/serve/serve.ts'
import { callIn, openWorkspace, ownerLink } from '../kernel/serve/workspaces.ts'
import { certificatesOf } from '../kernel/transport/certificate.ts'
import { dashboard } from '../web/build.ts'
import { editionCalled } from './editions.ts'
import { stopSignal } from './launched.ts'

export const usage = `
Usage: npm start [-- --edition NAME] [--empty]

  --edition NAME   lettings, helpdesk, treasury, suite or jeweller (EDITION; jeweller unless told)
  --empty          no demo workspace on the first start

Settings: PORT (8080), TLS_PORT (8443), HOST (localhost), TLS_CERT and TLS_KEY, ACME_WEBROOT, VOUCHSAFE_DATA
(.vouchsafe), DATABASE_URL, REDIS_URL, VOUCHSAFE_MASTER_KEY, TRUSTED_PROXIES, ALLOWED_HOSTS, PUBLIC_URL, SMTP_URL and
MAIL_FROM; VOUCHSAFE_SEQUENCER, VOUCHSAFE_CHECKPOINTS, VOUCHSAFE_CHECKPOINT_BUCKET, VOUCHSAFE_CHECKPOINT_MAIL,
VOUCHSAFE_WITNESSES and VOUCHSAFE_WITNESS_OF (docs/audit.md).
`

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { edition: { type: 'string' }, empty: { type: 'boolean' } } })
  const config = readConfig({ ...process.env, ...(values.edition ? { EDITION: values.edition } : {}) })
  const edition = await editionCalled(config.edition)
  const stop = stopSignal()
  try {
    await using booted = await boot(config, edition)
    await using served = await open(booted, config)
    const demo = booted.parts.deployment.fresh && !values.empty ? await loadDemo(booted) : undefined
    console.log(welcome(served, config, booted.parts.deployment.fresh, demo))
    noteRunning(config, served)
    await stop
    console.log('Stopping: requests under way are answered first.')
    rmSync(join(config.data, RUNNING), { force: true })
  } catch (error) {
    throw diskTrouble(error, config) ?? error
  }
  return 0
}

/** Where other commands find the deployment that runs on this folder. */
const RUNNING = 'running.json'

async function open({ parts }: Booted, config: Config): Promise<Served> {
  const host = config.host === 'localhost' ? '127.0.0.1' : config.host
  const certificates = certificatesOf(config)
  const certificate = await certificates()
  const { port, tlsPort, acmeWebroot, trustedProxies, allowedHosts } = config
  const mail = { publicUrl: config.publicUrl, smtp: smtpOf(config) }
  const source = sourceOf()
  const doors = { host, port, tlsPort, certificate, certificates, acmeWebroot, trustedProxies, allowedHosts }
  const logs = { witnessOf: config.witnessOf, sealing: config.sequencer === 'here' }
  return await serve(parts, { ...doors, source, ...mail, ...logs, dashboard: await dashboard() })
}

type Demo = { key: string; link: string }

async function loadDemo({ parts }: Booted): Promise<Demo> {
  const { demo, policy } = parts.edition
  const { place, token } = await openWorkspace(parts, demo.workspace, policy.tenancy === 'pool' ? 'pool' : 'database')
  await demo.fill(callIn(parts, place))
  return { key: token, link: await ownerLink(parts, place) }
}

function welcome({ listening, parts }: Served, config: Config, fresh: boolean, demo: Demo | undefined): string {
  const near = isLoopback(config.host)
  const host = near ? 'localhost' : config.host
  const plain = near ? `http://${host}:${listening.port}` : `https://${host}:${listening.tlsPort}`
  const whose = config.tlsFiles ? 'your certificate' : `trust it once by ${join(config.data, 'tls', 'authority.crt')}`
  const bold = (text: string) => styleText('bold', text)
  return [
    '',
    `${bold(`Vouchsafe ${parts.edition.name}`)} is ready${fresh ? '' : ' again, with the data it had'}.`,
    '',
    `  Dashboard       ${bold(`${plain}/app`)}`,
    `  Security page   ${bold(`${plain}/security`)}   (?lang=ar for Arabic)`,
    `  API             ${plain}/openapi.json`,
    `  With TLS        https://${host}:${listening.tlsPort}   (${whose})`,
    ...(near && !config.smtpUrl ? [`  Letters         ${plain}/mail   (kept until SMTP_URL says who sends them)`] : []),
    `  Data            ${config.data}`,
    ...(demo
      ? [
          '',
          `  Workspace       ${parts.edition.demo.workspace}`,
          `  Owner's link    ${bold(demo.link)}`,
          `                  (shown this once; lets one person in, within three days)`,
          `  API key         ${bold(demo.key)}   (shown this once)`,
          '',
          `  curl -H 'Authorization: Bearer ${demo.key}' ${plain}/v1/identity.workspace.get`,
        ]
      : [
          `  Sign in         ${parts.publicUrl}/enter`,
          '',
          `  A new workspace, its owner's link and its key:   npx vouchsafe workspace create NAME`,
        ]),
    '',
    'Ctrl-C stops it.',
  ].join('\n')
}

function noteRunning({ data }: Config, { listening, parts }: Served) {
  const { port, tlsPort, plainDoors } = listening
  const { publicUrl, edition } = parts
  const note = { pid: process.pid, edition: edition.name, port, tlsPort, plainDoors, publicUrl }
  writeFileSync(join(data, RUNNING), JSON.stringify(note), { mode: 0o600 })
}

/** Where the running commit can be read, if this is a clone that says where it came from. */
function sourceOf(): string | undefined {
  return process.env['VOUCHSAFE_SOURCE'] ?? undefined
}

const disk: Record<string, (folder: string) => string> = {
  ENOSPC: () => 'The disk is full: make room, then start again. Nothing that was confirmed is lost.',
  EDQUOT: () => 'Your quota on this disk is used up: make room, then start again.',
  EROFS: (folder) => `The data folder ${folder} lies on a read-only disk: choose another with VOUCHSAFE_DATA=… .`,
  EACCES: (folder) =>
    `The data folder ${folder} may not be written to by this user: change its owner, or choose another with ` +
    `VOUCHSAFE_DATA=… .`,
  EPERM: (folder) =>
    `The data folder ${folder} may not be written to by this user: change its owner, or choose another with ` +
    `VOUCHSAFE_DATA=… .`,
}

function diskTrouble(error: unknown, { data }: Config): Trouble | undefined {
  const say = disk[(error as NodeJS.ErrnoException).code ?? '']
  return say && new Trouble(say(data))
}
