import { Refusal } from '../../contract/refusal.ts'

/** Where the next page starts. Signed for one workspace and one operation, so it can only be handed back as it came. */
export type Signing = { sign: (text: string) => string; check: (text: string, signature: string) => boolean }

export function encodeCursor(values: readonly unknown[], { sign }: Signing): string {
  const text = Buffer.from(JSON.stringify(values)).toString('base64url')
  return `${text}.${sign(text)}`
}

export function decodeCursor(cursor: string, count: number, { check }: Signing): unknown[] {
  const [text = '', signature = '', ...more] = cursor.split('.')
  if (more.length > 0 || !check(text, signature)) throw invalid()
  const values = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[]
  if (values.length !== count) throw invalid()
  return values
}

const invalid = () => new Refusal(400, 'invalid', { errors: [{ pointer: '/cursor', code: 'not_a_cursor' }] })
