import type { Item } from '../../schemas/resource.js'
import { idReader } from '../ids.js'
import type { Receipts } from '../receipts.js'
import { KEY_LIFETIME, StillRunning, type Model, type Receipt } from '../store.js'
import { prepared, type Session } from './connections.js'
import { quote } from './names.js'

/** How many expired keys a write with a key removes: more than the one that it adds, and few enough to take no time. */
const MOST_REMOVED = 10

export type ReceiptsTable = ReturnType<typeof createReceipts>

/** Remembers the keys of writes to a model's records, in a table beside theirs, for so many seconds of the database's clock. */
export function createReceipts (model: Model, lifetime = KEY_LIFETIME) {
  const name = quote(`${model.name}_receipts`)
  const statements = statementsOf(name)
  const idOf = idReader(model.key)

  return {
    /** The name of the table in SQL, quoted, and the statements that make it. */
    name,
    creation: [
      `create table ${name} (key text COLLATE "C" primary key, fingerprint text not null, body text not null, etag text not null, expires timestamptz not null)`,
      `create index on ${name} (expires)`
    ],

    /** A statement that marks the records as some that there were, by a key that no write has, and the SQL that tells whether they are marked. */
    mark: `insert into ${name} (key, fingerprint, body, etag, expires) values ('', '', '', '', 'infinity') on conflict do nothing`,
    isMarked: `exists (select from ${name} where key = '')`,

    /** The keys, in a transaction: to find one locks it until the end. */
    within: (session: Session): Receipts => ({
      async find ({ key }) {
        const { locked } = await session.one<{ locked: boolean }>(statements.lock, [`${name} ${key}`])
        if (!locked) throw new StillRunning()
        // After the lock, so that what another has made until it let go of it is seen.
        const receipt = await session.one<Omit<Receipt, 'id' | 'item'> | undefined>(statements.find, [key])
        if (receipt === undefined) return undefined
        const item = JSON.parse(receipt.body) as Item
        return { id: idOf(item), item, ...receipt }
      },

      async keep ({ key, fingerprint }, { body, etag }) {
        await session.all(statements.keep, [key, fingerprint, body, etag, lifetime])
      }
    })
  }
}

function statementsOf (name: string) {
  return {
    /** Until the end of the transaction; at once, or not at all. */
    lock: prepared('select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked'),

    find: prepared(`select fingerprint, body, etag from ${name} where key = $1 and expires > now()`),

    // Its own key may be there too, expired.
    keep: prepared(`with expired as (
        select key from ${name} where expires <= now() and key <> $1 order by expires limit ${MOST_REMOVED} for update skip locked
      ), removed as (
        delete from ${name} using expired where ${name}.key = expired.key
      )
      insert into ${name} (key, fingerprint, body, etag, expires) values ($1, $2, $3, $4, now() + make_interval(secs => $5))
      on conflict (key) do update set fingerprint = excluded.fingerprint, body = excluded.body, etag = excluded.etag, expires = excluded.expires`)
  }
}
