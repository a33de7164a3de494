import { page } from '#kernel/edition'
import { about, construction } from './page/construction.ts'
import { application } from './page/application.ts'
import { auditing, backups } from './page/records.ts'
import { contact, yourPart } from './page/customers.ts'
import { encryption } from './page/encryption.ts'
import { incidents } from './page/incidents.ts'
import { infrastructure, vendors } from './page/infrastructure.ts'
import { reports } from './page/reports.ts'
import { signingIn } from './page/signing-in.ts'

/** What the jeweller's security page says, in the order in which it says it. */
export const jewellerPage = page(
  '2026-11-20',
  about,
  construction,
  encryption,
  signingIn,
  auditing,
  backups,
  infrastructure,
  application,
  vendors,
  incidents,
  reports,
  yourPart,
  contact,
)
