import { useQuery } from '@tanstack/react-query'
import type { z } from 'zod'
import type { me } from '../../kernel/identity/ways/account.ts'
import { go } from './ask.ts'
import type { Problem } from './problem.ts'

/** Who one is here, and what one may do: asked once, and again whenever the window is come back to. */
export type Me = z.output<(typeof me)['output']>

export const useMe = () => useQuery<Me, Problem>({ queryKey: ['me'], queryFn: async () => (await go('me')) as Me })

/** Whether one may do this; a thing that one may not do is shown, and says what is missing. */
export function useMay(): (permission: string) => boolean {
  const { data } = useMe()
  const may = new Set(data?.may)
  return (permission) => may.has(permission)
}
