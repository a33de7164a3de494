import { encodeQR } from 'qr'

/**
 * A QR code as an SVG of two paths and nothing else: no style, no script, no reference, so it may stand in a page under
 * the strictest policy or be the source of an `<img>`. It brings its white ground along, since a camera cannot read it
 * on a dark page without.
 */
export function qrSvg(text: string): string {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: QUIET_MODULES })
  const size = rows.length
  const dark = rows.map(runs).join('')
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}h-${size}z"/><path fill="#000" d="${dark}"/></svg>`
  )
}

/** ISO/IEC 18004 asks for four modules of nothing on every side. */
const QUIET_MODULES = 4

/** Neighbours in a row are one rectangle: fewer edges, no seams between them. */
function runs(row: readonly boolean[], y: number): string {
  const line = row.map((dark) => (dark ? '#' : ' ')).join('')
  return [...line.matchAll(/#+/g)].map(({ index, 0: { length } }) => `M${index} ${y}h${length}v1h-${length}z`).join('')
}
