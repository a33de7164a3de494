import type { TlsOptions } from 'node:tls'
import type { Policy } from '../contract/control.ts'

/**
 * What the TLS door accepts: nothing older than the edition's floor, and only suites that have forward secrecy and
 * authenticate what they encrypt. The order is ours, so that a visitor's old habits do not choose.
 */
export function tlsOptions(floor: Policy['tls']): TlsOptions {
  const agreed = { ciphers: SUITES.join(':'), ecdhCurve: GROUPS.join(':'), honorCipherOrder: true }
  return { minVersion: VERSION[floor], maxVersion: 'TLSv1.3', ...agreed }
}

/** How a careless build would open the same door: one version below the floor. For the throw-away deployment only. */
export function tlsBelow(floor: Policy['tls']): TlsOptions {
  return { minVersion: BELOW[floor], maxVersion: 'TLSv1.3', ciphers: 'DEFAULT@SECLEVEL=0', honorCipherOrder: true }
}

const VERSION = { '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' } as const
const BELOW = { '1.2': 'TLSv1.1', '1.3': 'TLSv1.2' } as const

const SUITES = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
]

/**
 * How the key is agreed on: first in a way that who records today cannot open with a quantum computer later, then as
 * every browser can. What the library offers besides is weaker, or is asked for by nobody.
 */
const GROUPS = ['X25519MLKEM768', 'X25519', 'P-256', 'P-384']
