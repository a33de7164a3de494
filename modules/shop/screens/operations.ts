import type { Problem } from '#web'
import { operationsOf, useChosen, useMay } from '#web'
import { useState } from 'react'
import type { shop } from '../module.ts'

export const { useAct, useList, useLook } = operationsOf<typeof shop>()

/**
 * The currency that this shop counts in: the one in the address, the one that was settled, or that of the last rate in
 * a shop that has settled nothing yet. Undefined while it is asked for, null where nobody has said.
 */
export function useCurrency(): string | null | undefined {
  const may = useMay()
  const { chosen } = useChosen(['currency'])
  const setting = useLook('shop.setting.current', may('shop.setting.current') ? {} : undefined)
  const isUnsettled = !may('shop.setting.current') || setting.isError
  const rates = useLook('shop.rate.list', isUnsettled && may('shop.rate.list') ? { limit: 1 } : undefined)
  const known = chosen.currency ?? setting.data?.currency ?? rates.data?.data[0]?.currency
  return known ?? (setting.isLoading || rates.isLoading ? undefined : null)
}

/** Whether something is not there yet: once that was said it stays so until it is, however often it is asked again. */
export function useMissing(problem: Problem | null): boolean {
  const isMissing = problem?.status === 404
  const [was, setWas] = useState(isMissing)
  if (isMissing && !was) setWas(true)
  return isMissing || was
}
