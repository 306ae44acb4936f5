import { mayLack, spell, type Kind, type Property } from '../../schemas/property.js'
import type { Model } from '../store.js'

/** The version of how keys and records are written: a folder of another version is refused. */
const FORMAT = 3

/** The part of each model that a folder keeps, so that records of one schema are never taken for those of another. */
export interface Kept {
  readonly format: number
  readonly models: Readonly<Record<string, Description>>
}

export interface Description extends Pick<Model, 'ids' | 'key' | 'unique'> {
  readonly properties: Readonly<Record<string, Described>>
}

interface Described {
  readonly kind: Kind
  readonly mayLack: boolean
  /** The value of records that were written before there was the property, where each must have one. It never changes, because it is in indexes. */
  readonly fill?: unknown
}

/** Brings what a folder keeps of some models up to date. Throws, in one line, where their records cannot go on as they are. */
export function reconcile (kept: Kept | undefined, models: readonly Model[], folder: string): Kept {
  const refusal = (why: string) => new Error(`the folder ${folder} cannot be used: ${why}, or choose another folder`)
  if (kept !== undefined && kept.format !== FORMAT) throw refusal('it was written by another version of this program: give it to that version')
  const before = kept?.models ?? {}
  const other = Object.keys(before).find((name) => !models.some((model) => model.name === name))
  if (other !== undefined) throw refusal(`it has ${other}, which are not of this API: add them`)
  return { format: FORMAT, models: Object.fromEntries(models.map((model) => [model.name, reconcileModel(before[model.name], model, refusal)])) }
}

function reconcileModel (before: Description | undefined, { name, ids, key, unique, properties: all }: Model, refusal: (why: string) => Error): Description {
  const properties = Object.fromEntries(all.map((property) => [property.name, describe(property, before)]))
  const now = { ids, key, unique, properties }
  if (before === undefined) return now
  const wrong = (what: string) => refusal(`its ${name} ${what}`)
  const part = (['ids', 'key', 'unique'] as const).find((part) => JSON.stringify(before[part]) !== JSON.stringify(now[part]))
  if (part !== undefined) throw wrong(`were made with the ${part} ${JSON.stringify(before[part])}: go back to that`)
  for (const [name, old] of Object.entries(before.properties)) {
    const own = properties[name]
    if (own === undefined) throw wrong(`have a property ${name}: keep it in the schema`)
    if (own.kind !== old.kind) throw wrong(`have a property ${name} of the kind ${old.kind}, not ${own.kind}: go back to that`)
    if (old.mayLack && !own.mayLack) throw wrong(`may lack the property ${name}: keep it optional or nullable`)
    if (own.mayLack && 'fill' in old) throw wrong(`lack the property ${name} where they have its default: keep it required`)
  }
  const lacking = Object.entries(properties).find(([name, { mayLack, fill }]) => !Object.hasOwn(before.properties, name) && !mayLack && fill === undefined)
  if (lacking !== undefined) throw wrong(`lack the new property ${lacking[0]}: make it optional, or give it a default`)
  return now
}

function describe (property: Property, before: Description | undefined): Described {
  const { name, kind, schema } = property
  const isNew = before !== undefined && !Object.hasOwn(before.properties, name)
  const fill = isNew && !mayLack(property) ? spell(property, schema.default) : before?.properties[name]?.fill
  return { kind, mayLack: mayLack(property), ...fill !== undefined && { fill } }
}
