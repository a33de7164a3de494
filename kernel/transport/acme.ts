import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The one thing that has to be said in the clear: an authority that is asked for a certificate wants to see (RFC 8555 §
 * 8.3) that who asks also holds the name. Its client puts a file into a folder, and we show it: a file whose whole text
 * is what its name announces, so that nothing else could leave through here, whatever lies in that folder.
 */
export async function challengeAnswer(webroot: string, path: string): Promise<string | undefined> {
  const token = CHALLENGE.exec(path)?.[1]
  const text = token && (await readSmall(join(webroot, path)))
  return text && KEY_AUTHORIZATION.exec(text)?.[1] === token ? text.trim() : undefined
}

/** Base64url of at least 128 bits, and no longer than any authority makes them. */
const CHALLENGE = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]{22,128})$/

/** The token, and the thumbprint of the account's key: a SHA-256. */
const KEY_AUTHORIZATION = /^([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]{43}\s*$/
const MOST_bytes = 256

async function readSmall(path: string): Promise<string> {
  // No links, which would lead out of the folder, and no pipes, which would be waited for.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(path, flags).catch(() => undefined)
  if (!file) return ''
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MOST_bytes), 0, MOST_bytes, 0)
    return bytesRead < MOST_bytes ? buffer.toString('latin1', 0, bytesRead) : ''
  } catch {
    // A folder can be opened and not be read.
    return ''
  } finally {
    await file.close()
  }
}
