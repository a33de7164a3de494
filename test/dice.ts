/** The same throws from the same seed, so that what a campaign found once it finds again. */
export type Dice = (sides: number) => number

export function dice(seed: number): Dice {
  let state = seed >>> 0
  return (sides) => {
    // A linear congruence is as random as spoiling inputs needs; its low bits are not used.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}
