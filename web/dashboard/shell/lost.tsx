import { useTranslation } from 'react-i18next'
import { Empty } from '../../ui/states.tsx'

export function Lost() {
  const { t } = useTranslation()
  return (
    <>
      <h1 className="sr-only">{t('lost')}</h1>
      <Empty title={t('lost')}>{t('lost.why')}</Empty>
    </>
  )
}
