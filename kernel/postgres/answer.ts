/**
 * The answer of a change, kept by Postgres for the statements that follow in the same batch: what is recorded of a
 * change can name the row that it made, although nobody here has seen it yet. Two settings of the transaction hold it;
 * the id has one of its own, since to find it in the other costs more than to keep it.
 */
export const keepingAnswer = (change: string, hasId: boolean) =>
  `with q as (${change}) select set_config('app.answer', row_to_json(q)::text, true) as body
  ${hasId ? `, set_config('app.answer_id', q.id::text, true) as id` : ''} from q`

/** In SQL: the answer as the text of its JSON, and null where there was none. */
export const ANSWER = `nullif(current_setting('app.answer', true), '')`
/** Null where there was none or it has no id. */
export const ANSWER_ID = `nullif(current_setting('app.answer_id', true), '')`
