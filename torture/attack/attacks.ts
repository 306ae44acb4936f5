import type { Attack } from './attack.js'
import { deletedMeanwhile, fullDisk, truncatedFolder, truncatedMeanwhile } from './broken-folder.js'
import { impossibleRanges, lockedRow, manyLists } from './busy-pool.js'
import { forgedCursors } from './cursors.js'
import { descriptors } from './descriptors.js'
import { drain } from './drain.js'
import { firstWrite } from './first-write.js'
import { foreignRows } from './foreign-rows.js'
import { garbage } from './garbage.js'
import { growingPatches } from './json-patch.js'
import { keyLifetime } from './key-lifetime.js'
import { lists } from './lists.js'
import { longKeys } from './long-keys.js'
import { manyFields } from './many-fields.js'
import { nosniff } from './nosniff.js'
import { pipelines } from './pipelines.js'
import { search } from './search.js'
import { slowClients } from './slow-clients.js'
import { unknownProperties } from './unknown-properties.js'

/** All attacks, in the order in which they are made. */
export const ATTACKS: readonly Attack[] = [
  growingPatches,
  unknownProperties,
  manyFields,
  forgedCursors,
  garbage,
  nosniff,
  pipelines,
  longKeys,
  keyLifetime,
  firstWrite,
  drain,
  descriptors,
  truncatedFolder,
  fullDisk,
  truncatedMeanwhile,
  deletedMeanwhile,
  foreignRows,
  lockedRow,
  lists,
  impossibleRanges,
  manyLists,
  slowClients,
  search
]
