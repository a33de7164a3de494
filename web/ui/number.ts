/** Numbers as people write them and as we keep them: whole numbers of the smallest unit, never through a fraction. */

/** What was typed, in units of 10^-digits; undefined where it is no such number. */
export function readNumber(text: string, digits: number): number | undefined {
  const { sign, whole, part } = WRITTEN.exec(latin(text))?.groups ?? {}
  const fraction = part?.replace(/0+$/, '') ?? ''
  if (whole === undefined || fraction.length > digits) return undefined
  const units = Number(`${sign}${whole.replaceAll(',', '')}${fraction.padEnd(digits, '0')}`)
  return Number.isSafeInteger(units) ? units : undefined
}

/** Groups end with three digits, so that a comma that was meant as the point is refused and not read as thousands. */
const WRITTEN = /^(?<sign>-?)(?<whole>\d+|\d{1,3}(?:,\d{2,3})*,\d{3})(?:\.(?<part>\d*))?$/

/** Digits of either Arabic script, their marks, and spaces between groups, as on the keys that everybody has. */
export const latin = (text: string) =>
  text
    .replaceAll(/[\u200e\u200f\u061c\u2066-\u2069]/g, '')
    .trim()
    .replaceAll(/[٠-٩]/g, (digit) => String(digit.codePointAt(0)! - ARABIC_ZERO))
    .replaceAll(/[۰-۹]/g, (digit) => String(digit.codePointAt(0)! - PERSIAN_ZERO))
    .replaceAll('٫', '.')
    .replaceAll(/(?<=\d)[\s\u00a0\u202f’'٬](?=\d{3})/g, ',')
    .replaceAll('−', '-')
const ARABIC_ZERO = 0x0660
const PERSIAN_ZERO = 0x06f0

/** The same number to be typed over. */
export function writeNumber(units: number, digits: number): string {
  const text = String(Math.abs(units)).padStart(digits + 1, '0')
  const at = text.length - digits
  return `${units < 0 ? '-' : ''}${text.slice(0, at)}${digits > 0 ? `.${text.slice(at)}` : ''}`
}

/** The same number to be read: in groups as the currency's people make them, in digits that every invoice has. */
export function showNumber(units: number, digits: number, currency?: string): string {
  const format = formatOf(currency === 'INR' ? 'en-IN' : 'en', digits)
  return format.format(writeNumber(units, digits) as `${number}`).replace('-', '−')
}

const formats = new Map<string, Intl.NumberFormat>()
function formatOf(locale: string, digits: number): Intl.NumberFormat {
  const known = formats.get(`${locale} ${digits}`)
  if (known) return known
  const made = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  formats.set(`${locale} ${digits}`, made)
  return made
}

/** Of ISO 4217; browsers differ in what they know of it. */
export const digitsOf = (currency: string) => (NONE.has(currency) ? 0 : THREE.has(currency) ? 3 : 2)
const NONE = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '))
const THREE = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '))
