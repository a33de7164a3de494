import { join } from 'node:path'
import { readConfig } from '../kernel/base/config.ts'
import { createLimits } from '../kernel/limits/limits.ts'
import { boot } from '../kernel/serve/boot.ts'
import { serve } from '../kernel/serve/serve.ts'
import { ownCertificate } from '../kernel/transport/certificate.ts'
import { jeweller } from '../editions/jeweller/edition.ts'
import type { HashKind } from '../kernel/identity/passwords/hashing.ts'
import { answering } from './process.ts'

/**
 * Our side of the comparison: the product as `npm start` serves it, without its probes, with room in its rate limits.
 */
/** `hash`: how passwords are kept, where that is what is measured; `isSilent`: nothing is recorded, likewise. */
export type Opening = { data: string; scale: number; hash?: HashKind; isSilent?: boolean }
type Question = Opening | 'usage'

const opened = new AsyncDisposableStack()

answering<Question, number>(
  async (question) => (question === 'usage' ? usage_us() : await open(question)),
  () => opened.disposeAsync(),
)

async function open({ data, scale, hash, isSilent = false }: Opening): Promise<number> {
  const limits = createLimits({ scale })
  const edition = hash ? { ...jeweller, policy: { ...jeweller.policy, passwordHash: hash } } : jeweller
  const config = readConfig({ VOUCHSAFE_DATA: data, EDITION: jeweller.name })
  const { parts } = opened.use(await boot(config, edition, { limits }))
  const certificate = await ownCertificate(join(data, 'tls'), ['localhost'])
  if (isSilent) parts.record = () => ({ text: 'select', name: 'nothing' })
  const where = { host: '127.0.0.1', port: 0, tlsPort: 0, certificate, probing: false, sealing: !isSilent }
  return opened.use(await serve(parts, where)).listening.port
}

const usage_us = () => {
  const { user, system } = process.cpuUsage()
  return user + system
}
