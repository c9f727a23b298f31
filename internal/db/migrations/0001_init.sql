-- One folder of SQL for both databases. The house rules that keep it portable:
--
--   ids          TEXT, made by the program         no SERIAL, no AUTOINCREMENT
--   times        BIGINT, microseconds UTC          no NOW(), no TIMESTAMP
--   money        BIGINT, đồng
--   bytes        BYTEA, bound as []byte            SQLite takes any word as a type name and keeps a blob a blob;
--                                                  empty reads back as nil there, yet IS NOT NULL
--   yes or no    BOOLEAN, compared with $n         partial indexes say WHERE flag, which both accept
--   JSON         TEXT, opaque                      no JSON operators, no arrays, no enums
--   placeholders $1, $2 …
--
-- A migration that has been released is never edited; a new one follows it.

-- +goose Up
CREATE TABLE hub_info (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- +goose Down
DROP TABLE hub_info;
