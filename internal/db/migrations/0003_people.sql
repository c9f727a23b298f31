-- People and their sign-ins. shop_id is '' for the operators of the hub.

-- +goose Up
CREATE TABLE people (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  login TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX people_id ON people (id);
CREATE UNIQUE INDEX people_login ON people (login);

-- token_hash is the SHA-256 of what the browser holds.
CREATE TABLE sessions (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  person_id TEXT NOT NULL,
  agent TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_person ON sessions (person_id);

-- Failed sign-ins by the SHA-256 of the login: what people mistype into that
-- field, a password now and then, is not kept.
CREATE TABLE sign_in_failures (
  shop_id TEXT NOT NULL,
  login_hash TEXT NOT NULL,
  failures BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, login_hash)
);

-- +goose Down
DROP TABLE sign_in_failures;
DROP TABLE sessions;
DROP TABLE people;
