import { useMutation } from '@tanstack/react-query'
import { headers } from './ask.ts'
import { Problem, unreachable } from './problem.ts'
import { proven } from './proof.ts'

/** A file of what an operation answers, taken when somebody presses for it. */
export const useFile = (name: string) =>
  useMutation<void, Problem, object>({ mutationFn: (input) => proven(() => download(name, input)) })

/** A file as the server sends it. It is whole or it is not kept: what breaks off on the way is no file. */
async function download(name: string, input: object): Promise<void> {
  const asked = new URLSearchParams(Object.entries(input).map(([key, value]): [string, string] => [key, String(value)]))
  const answer = await fetch(`/v1/${name}?${asked.toString()}`, { headers: headers(), redirect: 'error' }).catch(() => {
    throw unreachable()
  })
  if (!answer.ok) throw new Problem((await answer.json()) as never)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? name
  link.click()
  URL.revokeObjectURL(link.href)
}
