-- What is looked for in the log, each in the order in which it is shown.

-- By action in the order of bytes, so that all of a thing's actions are one range of it, whatever the language.
create index entry_by_action on entry (workspace_id, action collate "C", id desc);
create index entry_by_request on entry (workspace_id, request_id);
-- Few, since what was done is not among them.
create index entry_refused on entry (workspace_id, id desc) where outcome <> 'done';
