/**
 * Something that the person who runs Vouchsafe can put right. The message is one sentence that says what to do; the
 * command line prints it alone, without a stack.
 */
export class Trouble extends Error {
  /** 1 a check failed · 2 wrong usage · 3 not ready · 4 refused · 5 tampering found. */
  readonly exit: 1 | 2 | 3 | 4 | 5

  constructor(sentence: string, exit: 1 | 2 | 3 | 4 | 5 = 3) {
    super(sentence)
    this.exit = exit
  }
}
