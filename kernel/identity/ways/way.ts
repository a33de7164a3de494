import type { z } from 'zod'
import type { Caller } from '../whois.ts'
import type { From, House } from '../house.ts'

/**
 * A way in, or out, or something that people do with what is theirs alone. These cannot be operations of a workspace,
 * because who asks is in none yet, or because what they touch belongs to none; in everything else (one name, strict
 * input, declared output, an example, one entry in the description) they are like operations. All are `POST /auth/…`.
 */
export type Way = {
  name: string
  summary: string
  /** Somebody who is signed in, one of the platform's staff, or anybody. */
  who: 'person' | 'staff' | 'anyone'
  input: z.ZodObject
  output: z.ZodType
  example: unknown
  refuses: readonly string[]
  /** What somebody tries here; where it is said, a refusal is told to whom it concerns. */
  tries?: string | undefined
  /** As whom, where that is no caller. */
  as?: ((input: never) => Claim) | undefined
  run: (house: House, asked: Asked<never>) => Promise<Outcome>
}

/** What somebody says or holds who is not known yet; it may be nobody's. */
export type Claim = { email?: string; workspace?: string | undefined; ticket?: string; passkey?: string }

export type Asked<Input> = {
  input: Input
  from: From
  /** Who is signed in; there is one where the way says `person`. */
  caller: Caller
  /** Who of the staff; there is one where the way says `staff`. */
  staff: { id: string; name: string; token: string }
  /** What the browser keeps for the workspace that it named. */
  refresh: string | undefined
}

/** What leaves, and what happens to the session that the browser or program keeps. */
export type Outcome = { body: unknown; session?: Issued | Renewed | { ended: string } }

export type Issued = {
  workspace: string
  access: string
  access_s: number
  refresh: string
  refresh_s: number
}

/** The same session under a new access token. */
export type Renewed = Omit<Issued, 'refresh' | 'refresh_s'>

type Given<In extends z.ZodObject, Out extends z.ZodType> = Omit<
  Way,
  'input' | 'output' | 'example' | 'run' | 'refuses' | 'as'
> & {
  input: In
  output: Out
  example: z.input<In>
  refuses?: readonly string[]
  as?: (input: z.output<In>) => Claim
  run: (house: House, asked: Asked<z.output<In>>) => Promise<Omit<Outcome, 'body'> & { body: z.input<Out> }>
}

export const way = <In extends z.ZodObject, Out extends z.ZodType>(given: Given<In, Out>) =>
  ({ refuses: [], ...given }) as unknown as Way & { input: In; output: Out }
