-- The rows of the domain. Every table starts with the shop; times are
-- microseconds UTC, money whole đồng, quantities thousandths, documents opaque
-- JSON that is never queried.

-- +goose Up
CREATE TABLE shops (
  shop_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE features (
  shop_id TEXT NOT NULL,
  platform TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, platform)
);

-- What the operator enters once per platform; shop_id is ''.
CREATE TABLE apps (
  shop_id TEXT NOT NULL,
  platform TEXT NOT NULL,
  app_key TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  base TEXT NOT NULL,
  auth_base TEXT NOT NULL,
  PRIMARY KEY (shop_id, platform)
);

CREATE TABLE connections (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  platform TEXT NOT NULL,
  state TEXT NOT NULL,
  name TEXT NOT NULL,
  account_id TEXT NOT NULL,
  account_name TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  branch_id TEXT NOT NULL,
  settings TEXT NOT NULL,
  sealed BYTEA,
  grant_sealed BYTEA,
  grant_until BIGINT NOT NULL,
  hook_token TEXT NOT NULL,
  stock_word TEXT NOT NULL,
  orders_until BIGINT NOT NULL,
  not_before BIGINT NOT NULL,
  active_from BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  budgets TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX connections_id ON connections (id);
-- SYN-08: a channel account, and a POS account, is connected once in a hub.
CREATE UNIQUE INDEX connections_account ON connections (platform, account_id) WHERE state = 'live';
-- LZD-07: a branch serves one account of a platform.
CREATE UNIQUE INDEX connections_branch ON connections (shop_id, platform, branch_id) WHERE state = 'live' AND branch_id <> '';

CREATE TABLE cursors (
  shop_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  feed TEXT NOT NULL,
  cursor TEXT NOT NULL,
  PRIMARY KEY (shop_id, connection_id, feed)
);

-- What is to be looked at again, and when. A recurring look stays with a later
-- due_at; any other is deleted when its seq has not moved meanwhile.
CREATE TABLE looks (
  shop_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  urgency BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  since BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  hint TEXT NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (shop_id, connection_id, kind, key)
);
CREATE INDEX looks_due ON looks (connection_id, due_at);

CREATE TABLE branches (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (shop_id, id)
);

CREATE TABLE price_books (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (shop_id, id)
);

CREATE TABLE prices (
  shop_id TEXT NOT NULL,
  book_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  price BIGINT NOT NULL,
  PRIMARY KEY (shop_id, book_id, product_id)
);

CREATE TABLE products (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  code TEXT NOT NULL,
  base_id TEXT NOT NULL,
  name TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  removed BOOLEAN NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX products_code ON products (shop_id, code);
CREATE INDEX products_base ON products (shop_id, base_id);

-- Which products a combo is made of, so that a part's change finds the combo.
CREATE TABLE parts (
  shop_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  part_id TEXT NOT NULL,
  PRIMARY KEY (shop_id, product_id, part_id)
);
CREATE INDEX parts_part ON parts (shop_id, part_id);

CREATE TABLE levels (
  shop_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  branch_id TEXT NOT NULL,
  on_hand BIGINT NOT NULL,
  reserved BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, product_id, branch_id)
);

CREATE TABLE listings (
  shop_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  sku_id TEXT NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  link TEXT NOT NULL,
  product_id TEXT NOT NULL,
  near TEXT NOT NULL,
  seen TEXT NOT NULL,
  want_sellable BIGINT NOT NULL,
  want_own BIGINT NOT NULL,
  want_at BIGINT NOT NULL,
  stock_seq BIGINT NOT NULL,
  stock_dirty BIGINT NOT NULL,
  stock_why TEXT NOT NULL,
  sent_stock BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  want_prices TEXT NOT NULL,
  price_seq BIGINT NOT NULL,
  price_dirty BIGINT NOT NULL,
  price_why TEXT NOT NULL,
  sent_prices TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  not_before BIGINT NOT NULL,
  PRIMARY KEY (shop_id, connection_id, item_id, sku_id)
);
CREATE INDEX listings_product ON listings (shop_id, product_id);
CREATE INDEX listings_code ON listings (shop_id, connection_id, code);
CREATE INDEX listings_stock ON listings (connection_id, not_before) WHERE stock_dirty = 1;
CREATE INDEX listings_price ON listings (connection_id, not_before) WHERE price_dirty = 1;

CREATE TABLE orders (
  shop_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  id TEXT NOT NULL,
  number TEXT NOT NULL,
  stage TEXT NOT NULL,
  total BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  read_at BIGINT NOT NULL,
  pos_id TEXT NOT NULL,
  pos_code TEXT NOT NULL,
  stuck BOOLEAN NOT NULL,
  seen TEXT NOT NULL,
  state TEXT NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (shop_id, connection_id, id)
);
CREATE INDEX orders_time ON orders (shop_id, created_at);
CREATE INDEX orders_pos ON orders (shop_id, pos_id);
CREATE INDEX orders_pos_code ON orders (shop_id, pos_code);

CREATE TABLE allocations (
  shop_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  line_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  branch_id TEXT NOT NULL,
  promised BIGINT NOT NULL,
  reserved BIGINT NOT NULL,
  item_id TEXT NOT NULL,
  sku_id TEXT NOT NULL,
  own BIGINT NOT NULL,
  PRIMARY KEY (shop_id, connection_id, order_id, line_id, product_id)
);
CREATE INDEX allocations_product ON allocations (shop_id, product_id);
CREATE INDEX allocations_own ON allocations (shop_id, connection_id, item_id, sku_id);

CREATE TABLE buyers (
  shop_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  buyer_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  PRIMARY KEY (shop_id, connection_id, buyer_id)
);

CREATE TABLE intents (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  lane TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  key TEXT NOT NULL,
  state TEXT NOT NULL,
  intent TEXT NOT NULL,
  answer TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  deadline BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  misses BIGINT NOT NULL,
  error TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE UNIQUE INDEX intents_live ON intents (shop_id, connection_id, order_id, key) WHERE state IN ('open', 'calling', 'unknown', 'held');
CREATE INDEX intents_due ON intents (lane, due_at) WHERE state IN ('open', 'calling', 'unknown', 'held');
CREATE INDEX intents_order ON intents (shop_id, connection_id, order_id);

CREATE TABLE attempts (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  route TEXT NOT NULL,
  cause TEXT NOT NULL,
  outcome TEXT NOT NULL,
  status BIGINT NOT NULL,
  at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX attempts_cause ON attempts (shop_id, cause);

CREATE TABLE deliveries (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  platform TEXT NOT NULL,
  verdict TEXT NOT NULL,
  at BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX deliveries_time ON deliveries (at);

CREATE TABLE history (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  object TEXT NOT NULL,
  event TEXT NOT NULL,
  outcome TEXT NOT NULL,
  cause TEXT NOT NULL,
  attempt TEXT NOT NULL,
  detail TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);
CREATE INDEX history_time ON history (shop_id, at);
CREATE INDEX history_object ON history (shop_id, object);

CREATE TABLE problems (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  state TEXT NOT NULL,
  problem TEXT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (shop_id, connection_id, id)
);
CREATE INDEX problems_open ON problems (shop_id, last_at) WHERE state = 'open';

-- What a person asked of a lane, and the lane's answer.
CREATE TABLE commands (
  shop_id TEXT NOT NULL,
  id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  args BYTEA,
  state TEXT NOT NULL,
  answer TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, id)
);

-- +goose Down
DROP TABLE commands;
DROP TABLE problems;
DROP TABLE history;
DROP TABLE deliveries;
DROP TABLE attempts;
DROP TABLE intents;
DROP TABLE buyers;
DROP TABLE allocations;
DROP TABLE orders;
DROP TABLE listings;
DROP TABLE levels;
DROP TABLE parts;
DROP TABLE products;
DROP TABLE prices;
DROP TABLE price_books;
DROP TABLE branches;
DROP TABLE looks;
DROP TABLE cursors;
DROP TABLE connections;
DROP TABLE apps;
DROP TABLE features;
DROP TABLE shops;
