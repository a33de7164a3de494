import { useTranslation } from 'react-i18next'
import { Name } from '../../ui/text.tsx'
import { useMe } from '../me.ts'
import { Page } from '../shell/page.tsx'

export function Home() {
  const { t } = useTranslation()
  const { data: me } = useMe()
  return (
    <Page title={t('home.hello', { name: me?.name })}>
      <p className="p-4">
        {t('home.roles')} <Name>{me?.roles.join(', ')}</Name>
      </p>
    </Page>
  )
}
