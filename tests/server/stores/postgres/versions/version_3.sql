-- The statements with which version 3 created its tables.

CREATE SCHEMA IF NOT EXISTS memoryos;

CREATE TABLE memoryos.settings (name text COLLATE "C" PRIMARY KEY, value text COLLATE "C" NOT NULL);

INSERT INTO memoryos.settings VALUES ('application', 'Memory OS'), ('version', '0');

CREATE TABLE memoryos.memories (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL UNIQUE,
  owner text COLLATE "C" NOT NULL,
  content text COLLATE "C" NOT NULL,
  content_type text COLLATE "C" NOT NULL,
  tier text COLLATE "C" NOT NULL,
  memory_nature text COLLATE "C",
  importance_score double precision NOT NULL,
  confidence_score double precision NOT NULL,
  access_count bigint NOT NULL,
  last_accessed_at timestamptz,
  parent_memory_id text COLLATE "C" REFERENCES memoryos.memories (id) ON DELETE SET NULL,
  external_id text COLLATE "C",
  source_id text COLLATE "C",
  metadata text COLLATE "C" NOT NULL,
  pii_fields text COLLATE "C" NOT NULL,
  integrity_hash text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  expires_at timestamptz,
  word_count integer NOT NULL,
  embedded boolean NOT NULL
);

CREATE INDEX memories_by_age ON memoryos.memories (owner, created_at, number);

CREATE INDEX memories_by_tier ON memoryos.memories (owner, tier, created_at, number);

CREATE INDEX memories_by_nature ON memoryos.memories (owner, memory_nature)
WHERE memory_nature IS NOT NULL;

CREATE INDEX memories_by_length ON memoryos.memories (owner) INCLUDE (word_count);

CREATE INDEX memories_by_parent ON memoryos.memories (parent_memory_id)
WHERE parent_memory_id IS NOT NULL;

CREATE INDEX memories_by_expiry ON memoryos.memories (expires_at)
WHERE expires_at IS NOT NULL;

CREATE INDEX memories_to_embed ON memoryos.memories (number) WHERE NOT embedded;

CREATE TABLE memoryos.memory_words (
  owner text COLLATE "C" NOT NULL,
  word text COLLATE "C" NOT NULL,
  number bigint NOT NULL REFERENCES memoryos.memories (number) ON DELETE CASCADE,
  positions integer[] NOT NULL,
  PRIMARY KEY (owner, word, number)
);

CREATE INDEX memory_words_by_memory ON memoryos.memory_words (number);

CREATE TABLE memoryos.tags (
  id uuid PRIMARY KEY,
  owner text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  folded text COLLATE "C" NOT NULL,
  color text COLLATE "C",
  description text COLLATE "C",
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE INDEX tags_by_owner ON memoryos.tags (owner);

CREATE TABLE memoryos.memory_tags (
  number bigint NOT NULL REFERENCES memoryos.memories (number) ON DELETE CASCADE,
  tag_id uuid NOT NULL REFERENCES memoryos.tags (id) ON DELETE CASCADE,
  PRIMARY KEY (number, tag_id)
);

CREATE INDEX memory_tags_by_tag ON memoryos.memory_tags (tag_id, number);

CREATE TABLE memoryos.entities (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL UNIQUE,
  owner text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  folded text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  aliases text COLLATE "C" NOT NULL,
  metadata text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE INDEX entities_by_owner ON memoryos.entities (owner);

CREATE TABLE memoryos.memory_entities (
  number bigint NOT NULL REFERENCES memoryos.memories (number) ON DELETE CASCADE,
  entity uuid NOT NULL,
  PRIMARY KEY (number, entity)
);

CREATE INDEX memory_entities_by_entity ON memoryos.memory_entities (entity, number);

CREATE TABLE memoryos.claims (
  owner text COLLATE "C" NOT NULL,
  operation text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  body_hash text COLLATE "C" NOT NULL,
  record_id text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (owner, operation, key)
);

CREATE INDEX claims_by_age ON memoryos.claims (created_at);

CREATE TABLE memoryos.keys (
  hash text COLLATE "C" PRIMARY KEY,
  owner text COLLATE "C" NOT NULL,
  scopes text COLLATE "C" NOT NULL,
  name text COLLATE "C",
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz
);

CREATE TABLE memoryos.memory_metadata (
  field uuid NOT NULL,
  number bigint NOT NULL REFERENCES memoryos.memories (number) ON DELETE CASCADE,
  PRIMARY KEY (field, number)
);

CREATE INDEX memory_metadata_by_memory ON memoryos.memory_metadata (number);

CREATE INDEX memories_by_external_id
ON memoryos.memories (owner, hashtextextended(external_id, 0)) WHERE external_id IS NOT NULL;

ALTER TABLE memoryos.keys ADD COLUMN scope_tags text COLLATE "C" NOT NULL DEFAULT '[]';

ALTER TABLE memoryos.tags ADD COLUMN scope_key text COLLATE "C";

ALTER TABLE memoryos.entities ADD COLUMN key uuid;
