/**
 * Addresses that no honest client of this product asks for: nothing here answers at them, no page names them, and each
 * belongs to something that we are not. Whoever asks is trying doors. They are answered like every unknown address, by
 * nobody in particular; only afterwards is it looked up here whether it was one.
 */
export const DECOYS = [
  // Secrets that somebody left among the files of a web server; we serve no files.
  '/.env',
  '/.env.production',
  '/.git/config',
  '/.aws/credentials',
  // Other people's software, by its way in or by its best-known hole; nothing of ours is written in PHP, ASP or CGI.
  '/wp-login.php',
  '/wp-admin/setup-config.php',
  '/xmlrpc.php',
  '/phpmyadmin/index.php',
  '/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php',
  '/owa/auth/logon.aspx',
  '/cgi-bin/luci',
  '/boaform/admin/formLogin',
  // Consoles that should never face a network; ours does not exist.
  '/actuator/env',
  '/manager/html',
  '/server-status',
  '/solr/admin/info/system',
] as const

/** The decoy that was asked for, by whatever method and with whatever query. */
export function decoyIn(url: string): string | undefined {
  const query = url.indexOf('?')
  const path = query === -1 ? url : url.slice(0, query)
  return known.has(path) ? path : undefined
}

const known: ReadonlySet<string> = new Set(DECOYS)
