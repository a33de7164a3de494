/**
 * A code as a person typed or pasted it, in the letters it was made of: Arabic-Indic, Persian and full-width digits
 * become 0 to 9, and whatever only separates or steers the direction of writing is gone. Apps show codes in groups, and
 * what is copied out of right-to-left text brings invisible marks along.
 */
export const asTyped = (text: string): string =>
  text.length > MOST_CHARACTERS
    ? ''
    : text
        .normalize('NFKC')
        .replace(/[\u0660-\u0669\u06F0-\u06F9]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
        .replace(/[\s\p{Cf}\p{Dash_Punctuation}]/gu, '')

/** Twice the longest code with its separators: anything longer is no code. */
const MOST_CHARACTERS = 64
