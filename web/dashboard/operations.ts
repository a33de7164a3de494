import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { z } from 'zod'
import type { OperationName, OperationOf } from '../../kernel/contract/module.ts'
import { act, look } from './ask.ts'
import type { Problem } from './problem.ts'
import { proven } from './proof.ts'

/**
 * The server's operations as hooks, typed by their definitions and by nothing else: what a module's author wrote as
 * input and output is what a screen sends and gets.
 *
 *     const { useLook, useAct } = operationsOf<typeof shop>()
 */
export function operationsOf<M>() {
  type Name = OperationName<M>
  type Input<K extends Name> = OperationOf<M, K> extends { input: infer In extends z.ZodType } ? z.input<In> : never
  type Output<K extends Name> =
    OperationOf<M, K> extends { output: infer Out extends z.ZodType } ? z.output<Out> : never
  return {
    /** What it answered last stays while a changed input is asked for; undefined input asks for nothing. */
    useLook: <K extends Name>(name: K, input: Input<K> | undefined) =>
      useQuery<Output<K>, Problem>({
        queryKey: [name, input],
        queryFn: async ({ signal }) => (await look(name, (input ?? {}) as object, signal)) as Output<K>,
        enabled: input !== undefined,
        placeholderData: keepPreviousData,
      }),
    /** Page after page of a list, each begun where the last one ended. */
    useList: <K extends Name>(name: K, input: Omit<Input<K>, 'cursor'>) => {
      const pages = useInfiniteQuery<Listed<Output<K>>, Problem, Row<Output<K>>[], unknown[], string | undefined>({
        queryKey: [name, 'pages', input],
        queryFn: async ({ signal, pageParam }) =>
          (await look(name, { ...input, cursor: pageParam }, signal)) as Listed<Output<K>>,
        initialPageParam: undefined,
        getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
        select: ({ pages: all }) => all.flatMap(({ data }) => data),
        placeholderData: keepPreviousData,
      })
      return {
        rows: pages.data,
        problem: pages.error,
        retry: pages.refetch,
        stale: pages.isPlaceholderData,
        more: { has: pages.hasNextPage, busy: pages.isFetchingNextPage, next: () => void pages.fetchNextPage() },
      }
    },
    /** Whatever was seen may be old once something has changed. */
    useAct: <K extends Name>(name: K) => {
      const seen = useQueryClient()
      return useMutation<Output<K>, Problem, Input<K>>({
        mutationFn: (input) => proven(async () => (await act(name, input as object, crypto.randomUUID())) as Output<K>),
        onSuccess: () => seen.invalidateQueries(),
      })
    },
  }
}

type Row<Answer> = Answer extends { data: readonly (infer One)[] } ? One : never
type Listed<Answer> = { data: Row<Answer>[]; nextCursor: string | null }
