import { isProblem } from './problem.ts'

/**
 * Some things deserve a second look at who asks. The server says so; then the person is asked for a proof, and the
 * thing is done if they gave one.
 */
export async function proven<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (!isProblem(error) || error.code !== 'step-up-required' || !(await askForProof())) throw error
    return await work()
  }
}

/** The dialog that asks, while there is one; two that are refused in the same moment wait for the same proof. */
type Prompt = (given: (hasProved: boolean) => void) => void
let prompt: Prompt | undefined
let pending: Promise<boolean> | undefined

/** The shell offers its dialog, and takes it back when it goes. */
export function offerPrompt(offered: Prompt): () => void {
  prompt = offered
  return () => (prompt = undefined)
}

function askForProof(): Promise<boolean> {
  pending ??= new Promise<boolean>((resolve) => (prompt ? prompt(resolve) : resolve(false))).finally(
    () => (pending = undefined),
  )
  return pending
}
