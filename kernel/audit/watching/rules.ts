import type { Rule } from './rule.ts'
import { decoy } from './rules/decoy.ts'
import { doors } from './rules/doors.ts'
import { guessedAccount } from './rules/guessed-account.ts'
import { guessingAddress } from './rules/guessing-address.ts'
import { massExport } from './rules/mass-export.ts'
import { newDevice } from './rules/new-device.ts'
import { newOwner } from './rules/new-owner.ts'
import { ownRole } from './rules/own-role.ts'
import { support } from './rules/support.ts'

/** All that is watched for, where `owner` is the role of an edition that may do everything. */
export const rulesFor = (owner: string): readonly Rule[] => [
  guessedAccount,
  guessingAddress,
  doors,
  ownRole,
  newOwner(owner),
  massExport,
  decoy,
  newDevice,
  support,
]
