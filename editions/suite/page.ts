import { page } from '#kernel/edition'
import { about, isolation } from './page/isolation.ts'
import { access } from './page/access.ts'
import { application } from './page/application.ts'
import { auditing } from './page/auditing.ts'
import { backups } from './page/backups.ts'
import { encryption } from './page/encryption.ts'
import { incidents, infrastructure, reports } from './page/operation.ts'

/** What the suite's security page says, in the order in which it says it. */
export const suitePage = page(
  '2026-11-20',
  about,
  isolation,
  encryption,
  access,
  auditing,
  backups,
  application,
  infrastructure,
  incidents,
  reports,
)
