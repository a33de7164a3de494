import { operationsOf, useChosen, useMay } from '#web'
import type { shop } from '../module.ts'

export const { useAct, useList, useLook } = operationsOf<typeof shop>()

/**
 * The currency that this shop counts in: the one in the address, the one that was settled, or that of the last rate in
 * a shop that has settled nothing yet.
 */
export function useCurrency(): string | undefined {
  const may = useMay()
  const { chosen } = useChosen(['currency'])
  const setting = useLook('shop.setting.current', may('shop.setting.current') ? {} : undefined)
  const isUnsettled = !may('shop.setting.current') || setting.error !== null
  const rates = useLook('shop.rate.list', isUnsettled && may('shop.rate.list') ? { limit: 1 } : undefined)
  return chosen.currency ?? setting.data?.currency ?? rates.data?.data[0]?.currency
}
