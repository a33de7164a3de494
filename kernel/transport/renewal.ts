import { X509Certificate } from 'node:crypto'
import { inside, log } from '../base/log.ts'
import type { Log } from '../base/log.ts'
import type { Certificate } from './certificate.ts'

/**
 * Presents a renewed certificate without a restart. Its source is asked again and again and compared by content, so
 * that it does not matter who renewed it, or how. What cannot be used, be it half written or not valid yet, changes
 * nothing but the log: the door keeps what it has. Connections that stand are not touched.
 */
export function keepCertificate(presents: Presenting, source: Source, tell: Log = log): Renewal {
  let trouble = ''
  let told_days = Number.POSITIVE_INFINITY
  const look = async () => {
    try {
      const next = await source()
      const isNew = next.cert !== presents.certificate.cert || next.key !== presents.certificate.key
      if (isNew) presents.present(next)
      if (isNew) tell('certificate replaced', lifeOf(next))
      trouble = ''
    } catch (error) {
      const said = inside(error)
      if (said.error !== trouble) tell('certificate not taken', said)
      trouble = said.error
    }
    const left_days = daysLeft(presents.certificate)
    if (left_days < Math.min(told_days, SOON_days))
      tell(left_days < 0 ? 'certificate has ended' : 'certificate ends soon', lifeOf(presents.certificate))
    told_days = left_days
  }
  const timer = setInterval(() => void look(), LOOK_EVERY_ms).unref()
  return { look, [Symbol.dispose]: () => clearInterval(timer) }
}

export type Presenting = { readonly certificate: Certificate; present: (certificate: Certificate) => void }
export type Source = () => Promise<Certificate> | Certificate
export type Renewal = Disposable & { look: () => Promise<void> }

/** Two small files; who renews by hand should not have to wait for us. */
const LOOK_EVERY_ms = 10_000

/** Whatever renews, ours or an ACME client, does so a month before the end: less than this means that it does not. */
const SOON_days = 14

const DAY_ms = 86_400_000
const daysLeft = ({ cert }: Certificate) =>
  Math.floor((new X509Certificate(cert).validToDate.getTime() - Date.now()) / DAY_ms)

const lifeOf = ({ cert }: Certificate) => {
  const { validFromDate, validToDate, subjectAltName, fingerprint256 } = new X509Certificate(cert)
  return { names: subjectAltName, from: validFromDate, to: validToDate, fingerprint: fingerprint256 }
}
