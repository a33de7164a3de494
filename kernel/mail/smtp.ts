import { readFileSync } from 'node:fs'
import type { Config } from '../base/config.ts'
import { isLoopback } from '../base/config.ts'
import { Trouble } from '../base/trouble.ts'

/**
 * The mail server that takes our letters, by its address. What leaves this machine is encrypted and the server shows a
 * certificate for its name: there is no setting for "encrypt if it can be had", which anybody on the way could refuse.
 */
export function smtpOf({ smtpUrl, mailFrom }: Pick<Config, 'smtpUrl' | 'mailFrom'>): Smtp | undefined {
  if (smtpUrl === undefined) return undefined
  const url = parse(smtpUrl)
  const host = decode(url.hostname).replace(/^\[|\]$/g, '')
  const secure = url.protocol === 'smtps:'
  const ca = readIssuer(url.searchParams.get('ca'))
  return {
    host,
    port: Number(url.port || (secure ? 465 : 587)),
    encryption: secure ? 'tls' : isLoopback(host) && !ca ? 'none' : 'starttls',
    ca,
    auth: url.username ? { user: decode(url.username), pass: decode(url.password) } : undefined,
    from: senderIn(mailFrom),
  }
}

export type Smtp = {
  host: string
  port: number
  /** From the first byte, before anything is said, or not at all: to a server on this machine. */
  encryption: 'tls' | 'starttls' | 'none'
  /** Who is believed about the server's name; otherwise those whom Node believes. */
  ca: string | undefined
  auth: { user: string; pass: string } | undefined
  from: { name: string; address: string }
}

function parse(text: string): URL {
  const url = URL.parse(text)
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '' || !/^\/?$/.test(url.pathname) || url.hash)
    throw new Trouble('Write SMTP_URL as smtps://user:password@host or smtp://user:password@host:port.', 2)
  const strange = [...url.searchParams.keys()].filter((name) => name !== 'ca')
  if (strange.length) throw new Trouble(`Leave out of SMTP_URL what is not understood there: ${strange.join(', ')}.`, 2)
  return url
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Trouble('SMTP_URL has a % that begins no escape: write %25 for a % in a name or password.', 2)
  }
}

function readIssuer(file: string | null): string | undefined {
  if (file === null) return undefined
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new Trouble(`The certificate file that SMTP_URL names as ca cannot be read: check ${file}.`)
  }
}

const ADDRESS = /^[^\s\p{Cc}<>()[\]\\,;:"@]+@[^\s\p{Cc}<>()[\]\\,;:"@]+$/u
const NAMED = /^(?<name>[^<>"\p{Cc}]*)<(?<address>[^<>]+)>$/u

function senderIn(text = ''): Smtp['from'] {
  const { name = '', address = text } = NAMED.exec(text.trim())?.groups ?? {}
  if (!ADDRESS.test(address.trim()))
    throw new Trouble('Set MAIL_FROM to who writes the letters, such as Example <no-reply@example.com>.', 2)
  return { name: name.trim(), address: address.trim() }
}
