import { page } from '#kernel/edition'
import { accounts } from './page/accounts.ts'
import { application } from './page/application.ts'
import { encryption } from './page/encryption.ts'
import { infrastructure } from './page/infrastructure.ts'
import { isolation } from './page/isolation.ts'
import { data, monitoring } from './page/operation.ts'
import { principles } from './page/principles.ts'
import { contact, reports } from './page/reports.ts'

/** What treasury's security page says, in the order in which it says it. */
export const treasuryPage = page(
  '2026-11-20',
  principles,
  isolation,
  encryption,
  accounts,
  infrastructure,
  application,
  monitoring,
  data,
  reports,
  contact,
)
