/**
 * The style guide as tests. A rule is a pure function over the tree, and it carries examples that break it: a rule that
 * finds nothing wrong with its own bad examples is decoration, as a probe without a sabotage would be.
 */
export type Rule = {
  demands: string
  check: (tree: Tree) => Complaint[]
  /** Each must draw a complaint by itself. */
  bad: readonly Record<string, string>[]
}

/** Path from the root, with slashes, and what the file says. */
export type Tree = ReadonlyMap<string, string>
export type Complaint = `${string}: ${string}`

/** A rule about one file at a time. */
export const each =
  (files: RegExp, look: (path: string, text: string) => string[]) =>
  (tree: Tree): Complaint[] =>
    [...tree]
      .filter(([path]) => files.test(path))
      .flatMap(([path, text]) => look(path, text).map((wrong): Complaint => `${path}: ${wrong}`))

/** `found(text, /…/g, (match) => …)`: one complaint for every match. */
export const found = (text: string, pattern: RegExp, say: (match: RegExpExecArray) => string): string[] =>
  [...text.matchAll(pattern)].map(say)

export const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length
