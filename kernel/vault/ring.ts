import { Trouble } from '../base/trouble.ts'
import { openKeyFolder } from './folder.ts'
import { type MasterKey, masterKey, readKeyBytes } from './key.ts'

/**
 * The master keys we have. They come from the operator (`VOUCHSAFE_MASTER_KEY`) or from files in the data folder; where
 * both are there the operator's seal and the files still open, so that a deployment can move from one to the other.
 */
export function openRing(source: KeySource): Ring {
  return source.masterKey === undefined ? folderRing(source) : operatorRing(source, readSetting(source.masterKey))
}

export type KeySource = {
  /** The data folder; keys lie in `keys/` inside of it. */
  folder: string
  /** `VOUCHSAFE_MASTER_KEY`: 32 bytes in base64, or several with commas between, of which the first seals. */
  masterKey?: string | undefined
  /** False when sealed secrets exist already: then a missing key is a loss, and none is made in its place. */
  mayCreate?: boolean
}

export type Ring = {
  current: () => MasterKey
  /** Current first. */
  all: () => readonly MasterKey[]
  find: (id: string) => MasterKey | undefined
  add: () => MasterKey
}

function folderRing({ folder, mayCreate = true }: KeySource): Ring {
  const files = openKeyFolder(folder)
  let keys: readonly MasterKey[] = []
  const adopt = () => {
    keys = files.read().toReversed()
    files.checkUsed(idsOf(keys))
    files.noteUse(currentOf(keys).id, files.path)
  }
  if (files.read().length === 0 && mayCreate && !files.wasUsed()) files.addFirst()
  adopt()
  return {
    current: () => currentOf(keys),
    all: () => keys,
    find(id) {
      // Another process may have turned to a new key since we last looked.
      if (!among(keys, id)) adopt()
      return among(keys, id)
    },
    add() {
      files.addNext()
      adopt()
      return currentOf(keys)
    },
  }

  function currentOf(some: readonly MasterKey[]): MasterKey {
    const [current] = some
    if (!current)
      throw new Trouble(`Restore ${files.path} from your backup: what its keys sealed opens with no others.`)
    return current
  }
}

function operatorRing({ folder }: KeySource, given: readonly [MasterKey, ...MasterKey[]]): Ring {
  const files = openKeyFolder(folder)
  const all = [...given, ...files.read().toReversed()]
  files.checkUsed(idsOf(all))
  files.noteUse(given[0].id, 'VOUCHSAFE_MASTER_KEY')
  return {
    current: () => given[0],
    all: () => all,
    find: (id) => among(all, id),
    add() {
      throw new Trouble('Put a new key in front of the ones in VOUCHSAFE_MASTER_KEY, with a comma, and start again.', 2)
    },
  }
}

function readSetting(setting: string): [MasterKey, ...MasterKey[]] {
  const [current, ...older] = setting.split(',').map((text) => {
    const bytes = readKeyBytes(text.trim())
    if (!bytes) throw new Trouble(SETTING_FORM, 2)
    return masterKey(bytes)
  })
  if (!current) throw new Trouble(SETTING_FORM, 2)
  return [current, ...older]
}

const SETTING_FORM =
  'Give VOUCHSAFE_MASTER_KEY as 32 random bytes in base64 (openssl rand -base64 32), with commas between several.'

const among = (keys: readonly MasterKey[], id: string) => keys.find((key) => key.id === id)
const idsOf = (keys: readonly MasterKey[]) => keys.map(({ id }) => id)
