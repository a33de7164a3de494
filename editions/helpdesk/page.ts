import { page } from '#kernel/edition'
import { access } from './page/access.ts'
import { application } from './page/application.ts'
import { assistant } from './page/assistant.ts'
import { audit } from './page/audit.ts'
import { contacts } from './page/contacts.ts'
import { customer } from './page/customer.ts'
import { disclosure } from './page/disclosure.ts'
import { encryption } from './page/encryption.ts'
import { incidents } from './page/incidents.ts'
import { infrastructure } from './page/infrastructure.ts'
import { isolation } from './page/isolation.ts'
import { people } from './page/people.ts'
import { principles } from './page/principles.ts'
import { standards } from './page/standards.ts'

/** What a customer of the helpdesk may hold us to, in the order in which the page says it. */
export const helpdeskPage = page(
  '2026-11-20',
  principles,
  encryption,
  access,
  isolation,
  audit,
  infrastructure,
  application,
  people,
  assistant,
  standards,
  customer,
  disclosure,
  incidents,
  contacts,
)
