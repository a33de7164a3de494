import { sql as raw } from 'kysely'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { Id, one, operations } from '#kernel'
import { rowColumns, trialEdition } from '../trial.ts'

/** All ways in which an operation could write, and some in which it could fail, as an edition of its own. */
type Row = { id: string; name: string; n: number; pin: string | null; note: string | null }
type Tables = { thing: Row; part: { id: string; thing_id: string; name: string }; echo: { id: string; name: string } }
type Db = Kysely<Tables>
const { action, query } = operations<Tables>()

const MANY = 1_000
const columns = ['id', 'name'] as const
const Thing = z.strictObject({ id: Id, name: z.string() })

/** One of the ways in which somebody may write, whatever else the operation is for. */
const writing = (write: (db: Db) => Promise<unknown>) =>
  action({
    summary: 'Write',
    input: z.strictObject({}),
    output: z.strictObject({}),
    example: () => ({}),
    async run({ db }) {
      await write(db)
      return {}
    },
  })

/** Answers a statement that is yet to run, which travels with its entry in one batch. */
const quickly = (statement: (db: Db) => Parameters<typeof one<{ id: string; name: string }>>[0]) =>
  action({
    summary: 'Write quickly',
    input: z.strictObject({}),
    output: Thing,
    example: () => ({}),
    run: ({ db }) => one(statement(db)),
  })

const things = (from: number) =>
  Array.from({ length: MANY }, (_, at) => ({ name: `thing ${from + at}`, n: at, pin: `pin ${at}` })) as Row[]
const named = (db: Db, name: string) => db.selectFrom('thing').select('id').where('name', '=', name)
const first = async (db: Db) => (await named(db, 'thing 0').executeTakeFirstOrThrow()).id

export const kinds = {
  insertAtOnce: writing((db) => db.insertInto('thing').values(things(0)).execute()),
  insertOneByOne: writing(async (db) => {
    for (const thing of things(MANY)) await db.insertInto('thing').values(thing).execute()
  }),
  updateAtOnce: writing((db) =>
    db
      .updateTable('thing')
      .set({ note: 'all', n: raw`n % 2` })
      .execute(),
  ),
  updateOneByOne: writing(async (db) => {
    for (const { id } of await db.selectFrom('thing').select('id').limit(MANY).execute())
      await db
        .updateTable('thing')
        .set({ n: raw`n + 1`, pin: 'another' })
        .where('id', '=', id)
        .execute()
  }),
  updateToTheSame: writing((db) =>
    db
      .updateTable('thing')
      .set({ n: raw`n` })
      .execute(),
  ),
  insertOrUpdate: writing((db) =>
    db
      .insertInto('thing')
      .values([...things(0).slice(0, 10), ...things(10 * MANY).slice(0, 10)])
      .onConflict((taken) => taken.columns(['workspace_id', 'name'] as never).doUpdateSet({ note: 'met', pin: null }))
      .execute(),
  ),
  thereAndBack: writing(async (db) => {
    const id = await first(db)
    for (const note of ['away', 'farther', 'met'])
      await db.updateTable('thing').set({ note }).where('id', '=', id).execute()
    const gone = await db.deleteFrom('thing').where('name', '=', 'thing 7').returningAll().executeTakeFirstOrThrow()
    await db
      .insertInto('thing')
      .values({ ...gone, note: 'came back' })
      .execute()
    await db
      .insertInto('thing')
      .values({ name: 'short-lived', n: 1 } as Row)
      .execute()
    await db.deleteFrom('thing').where('name', '=', 'short-lived').execute()
  }),
  attachParts: writing(async (db) => {
    const all = await db.selectFrom('thing').select(['id', 'name']).limit(500).execute()
    await db
      .insertInto('part')
      .values(all.map(({ id, name }) => ({ thing_id: id, name })) as never)
      .execute()
  }),
  twoTablesAtOnce: writing((db) =>
    raw`with t as (update thing set note = 'both' where n < 2 returning id),
      p as (insert into part (thing_id, name) select id, 'new' from t)
      delete from part where name = 'thing 3'`.execute(db),
  ),
  byATrigger: writing((db) =>
    db
      .insertInto('thing')
      .values({ name: 'echo me', n: 1 } as Row)
      .execute(),
  ),
  besideASavepoint: writing(async (db) => {
    await raw`savepoint here`.execute(db)
    await db.updateTable('thing').set({ note: 'undone' }).execute()
    await raw`rollback to here`.execute(db)
    await db.updateTable('thing').set({ note: 'kept' }).where('name', '=', 'thing 1').execute()
  }),
  quicklyInsert: quickly((db) =>
    db
      .insertInto('thing')
      .values({ name: 'quick', n: 1 } as Row)
      .returning(columns),
  ),
  quicklyUpdate: quickly((db) =>
    db
      .updateTable('thing')
      .set({ n: raw`n + 1`, pin: 'newer' })
      .where('name', '=', 'quick')
      .returning(columns),
  ),
  quicklyChangeNothing: quickly((db) =>
    db
      .updateTable('thing')
      .set({ n: raw`n` })
      .where('name', '=', 'quick')
      .returning(columns),
  ),
  quicklyCascade: quickly((db) => db.deleteFrom('thing').where('name', '=', 'thing 2').returning(columns)),
  deleteOneByOne: writing(async (db) => {
    for (const { id } of await db.selectFrom('thing').select('id').limit(200).execute())
      await db.deleteFrom('thing').where('id', '=', id).execute()
  }),
  deleteAtOnce: writing((db) => db.deleteFrom('thing').execute()),
}

export const refused = {
  failsAfterwards: writing(async (db) => {
    await db.insertInto('thing').values(things(0)).execute()
    throw new Error('no')
  }),
  swallows: writing(async (db) => {
    await db
      .insertInto('thing')
      .values({ name: 'swallowed', n: 1 } as Row)
      .execute()
    await db
      .insertInto('thing')
      .values({ name: 'swallowed', n: 2 } as Row)
      .execute()
      .catch(() => undefined)
  }),
  answersTooMuch: action({
    summary: 'Write, and answer what was not declared',
    input: z.strictObject({}),
    output: z.strictObject({}),
    example: () => ({}),
    async run({ db }) {
      await db
        .insertInto('thing')
        .values({ name: 'undeclared', n: 1 } as Row)
        .execute()
      return { more: true } as never
    },
  }),
  findsNothing: quickly((db) => db.updateTable('thing').set({ n: 9 }).where('name', '=', 'nobody').returning(columns)),
  givesAnotherId: writing((db) =>
    db
      .updateTable('thing')
      .set({ id: raw`gen_random_uuid()` })
      .where('name', '=', 'stays')
      .execute(),
  ),
  isTooMuch: writing((db) =>
    raw`insert into thing (name, n, note)
      select 'big ' || n, n, repeat('x', 100000) from generate_series(1, 100) n`.execute(db),
  ),
  isTooMuchOneByOne: writing(async (db) => {
    for (let n = 0; n < 10; n++)
      await raw`insert into thing (name, n, note) values (${`big ${n}`}, 1, repeat('x', 1000000))`.execute(db)
  }),
  isTooMuchQuickly: quickly((db) =>
    db
      .updateTable('thing')
      .set({ note: raw`repeat('x', 9000000)` })
      .where('name', '=', 'stays')
      .returning(columns),
  ),
  looksAndWrites: query({
    summary: 'Look, and write',
    input: z.strictObject({}),
    output: z.strictObject({}),
    example: () => ({}),
    async run({ db }) {
      await db
        .insertInto('thing')
        .values({ name: 'looked', n: 1 } as Row)
        .execute()
      return {}
    },
  }),
  forgetsToWait: writing(async (db) => {
    void db
      .insertInto('thing')
      .values({ name: 'late', n: 1 } as Row)
      .execute()
      .catch(() => undefined)
    await Promise.resolve()
  }),
}

export const writingEdition = () =>
  trialEdition(
    { kinds, refused },
    {
      echo: { ...rowColumns, name: 'text' },
      part: { ...rowColumns, thing_id: 'uuid', name: 'text' },
      thing: { ...rowColumns, name: 'text', n: 'integer', pin: 'secret null', note: 'text null' },
    },
    `create table thing (like workspace_row including all, name text not null, n integer not null,
         pin tenancy.secret, note text, unique (workspace_id, name));
       create table part (like workspace_row including all, thing_id uuid not null, name text not null,
         foreign key (workspace_id, thing_id) references thing (workspace_id, id) on delete cascade);
       create table echo (like workspace_row including all, name text not null);
       create function echo_it() returns trigger language plpgsql as $$
         begin insert into trial.echo (name) values (new.name); return null; end $$;
       create trigger echo_it after insert on thing for each row when (new.name = 'echo me')
         execute function echo_it();`,
  )
