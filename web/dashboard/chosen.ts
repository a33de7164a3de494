import { useNavigate, useSearch } from '@tanstack/react-router'

/**
 * What was chosen on a screen (filters, tab, the open panel) stands in the address: back goes back, and a link shows
 * somebody else the same.
 */
export function useChosen<const Keys extends readonly string[]>(keys: Keys) {
  type Chosen = { [K in Keys[number]]?: string }
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const go = useNavigate()
  const chosen = Object.fromEntries(
    keys.flatMap((key) => (typeof search[key] === 'string' && search[key] !== '' ? [[key, search[key]]] : [])),
  ) as Chosen
  const choose = (changes: { [K in Keys[number]]?: string | undefined }) =>
    void go({
      search: (was: Record<string, unknown>) => {
        const next = Object.entries({ ...was, ...changes }).filter(([, value]) => value !== undefined && value !== '')
        return Object.fromEntries(next)
      },
    } as never)
  const clear = () => void go({ search: {} } as never)
  return { chosen, choose, clear }
}
