/** The known word that a person most likely meant: at most two slips of the finger away. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map((each) => ({ each, slips: slips(word, each) })).sort((a, b) => a.slips - b.slips)
  const best = ranked[0]
  return best && best.slips <= MOST_SLIPS && best.slips < best.each.length ? best.each : undefined
}

const MOST_SLIPS = 2

/** How many letters must be added, dropped or changed to make one word of the other, row by row. */
function slips(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let row = 0; row < from.length; row++) {
    const here = [row + 1]
    for (let at = 1; at <= to.length; at++) {
      const changed = above[at - 1]! + (to[at - 1] === from[row] ? 0 : 1)
      here.push(Math.min(changed, above[at]! + 1, here[at - 1]! + 1))
    }
    above = here
  }
  return above[to.length]!
}
