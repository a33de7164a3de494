import { createHash, createHmac } from 'node:crypto'

/**
 * A request as stores that speak S3 want it signed (AWS Signature Version 4, the whole body in one piece): a key made
 * for the day, the place and the service signs what is asked for, with every header that is sent.
 */
export type Access = { key: string; secret: string; region: string }
export type Request = { method: string; url: URL; body: string; headers: Readonly<Record<string, string>> }

export function signed(request: Request, { key, secret, region }: Access, now: Date): Record<string, string> {
  const at = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  const day = at.slice(0, 8)
  const body = sha256(request.body)
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.url.host,
    'x-amz-content-sha256': body,
    'x-amz-date': at,
  }
  const names = Object.keys(headers).sort()
  const asked = [
    request.method,
    request.url.pathname.split('/').map(spelled).join('/'),
    '',
    ...names.map((name) => `${name}:${headers[name]!.trim()}`),
    '',
    names.join(';'),
    body,
  ].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const daily = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(mac, `AWS4${secret}`)
  const signature = mac(daily, ['AWS4-HMAC-SHA256', at, scope, sha256(asked)].join('\n')).toString('hex')
  const { host: _sentByItself, ...sent } = headers
  return {
    ...sent,
    authorization:
      `AWS4-HMAC-SHA256 Credential=${key}/${scope},SignedHeaders=${names.join(';')},` + `Signature=${signature}`,
  }
}

/** A path may hold a few more signs than the signature wants to see. */
const spelled = (part: string) =>
  encodeURIComponent(decodeURIComponent(part)).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
