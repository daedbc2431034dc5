-- The statements with which version 5 created its tables.

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

DROP INDEX memoryos.memories_by_parent, memoryos.memories_by_expiry,
memoryos.memories_to_embed, memoryos.claims_by_age, memoryos.memory_words_by_memory,
memoryos.memory_tags_by_tag, memoryos.memory_entities_by_entity,
memoryos.memory_metadata_by_memory;

ALTER TABLE memoryos.memory_tags DROP CONSTRAINT memory_tags_pkey, ADD COLUMN owner text COLLATE "C";

UPDATE memoryos.memory_tags SET owner = memories.owner
FROM memoryos.memories WHERE memories.number = memory_tags.number;

ALTER TABLE memoryos.memory_tags ALTER COLUMN owner SET NOT NULL;

ALTER TABLE memoryos.memory_entities DROP CONSTRAINT memory_entities_pkey, ADD COLUMN owner text COLLATE "C";

UPDATE memoryos.memory_entities SET owner = memories.owner
FROM memoryos.memories WHERE memories.number = memory_entities.number;

ALTER TABLE memoryos.memory_entities ALTER COLUMN owner SET NOT NULL;

ALTER TABLE memoryos.memory_metadata DROP CONSTRAINT memory_metadata_pkey, ADD COLUMN owner text COLLATE "C";

UPDATE memoryos.memory_metadata SET owner = memories.owner
FROM memoryos.memories WHERE memories.number = memory_metadata.number;

ALTER TABLE memoryos.memory_metadata ALTER COLUMN owner SET NOT NULL;

ALTER TABLE memoryos.memories
DROP CONSTRAINT memories_pkey CASCADE, DROP CONSTRAINT memories_id_key CASCADE,
ADD PRIMARY KEY (owner, number), ADD UNIQUE (owner, id);

ALTER TABLE memoryos.tags DROP CONSTRAINT tags_pkey CASCADE, ADD PRIMARY KEY (owner, id);

DROP INDEX memoryos.tags_by_owner;

ALTER TABLE memoryos.entities
DROP CONSTRAINT entities_pkey, DROP CONSTRAINT entities_id_key,
ADD PRIMARY KEY (owner, number), ADD UNIQUE (owner, id);

DROP INDEX memoryos.entities_by_owner;

CREATE INDEX memories_by_parent ON memoryos.memories (owner, parent_memory_id)
WHERE parent_memory_id IS NOT NULL;

CREATE INDEX memories_by_expiry ON memoryos.memories (owner, expires_at)
WHERE expires_at IS NOT NULL;

CREATE INDEX memories_to_embed ON memoryos.memories (owner, number) WHERE NOT embedded;

CREATE INDEX claims_by_age ON memoryos.claims (owner, created_at);

CREATE INDEX memory_words_by_memory ON memoryos.memory_words (owner, number);

ALTER TABLE memoryos.memory_tags
ADD PRIMARY KEY (owner, number, tag_id),
ADD FOREIGN KEY (owner, tag_id) REFERENCES memoryos.tags (owner, id) ON DELETE CASCADE;

CREATE INDEX memory_tags_by_tag ON memoryos.memory_tags (owner, tag_id, number);

ALTER TABLE memoryos.memory_entities
ADD PRIMARY KEY (owner, number, entity);

CREATE INDEX memory_entities_by_entity
ON memoryos.memory_entities (owner, entity, number);

ALTER TABLE memoryos.memory_metadata
ADD PRIMARY KEY (owner, field, number);

CREATE INDEX memory_metadata_by_memory ON memoryos.memory_metadata (owner, number);

ALTER TABLE IF EXISTS memoryos.vectors
DROP CONSTRAINT vectors_pkey, ADD PRIMARY KEY (owner, number);

ALTER TABLE IF EXISTS memoryos.staged
DROP CONSTRAINT staged_pkey, ADD PRIMARY KEY (owner, number);

DROP INDEX IF EXISTS memoryos.vectors_by_owner, memoryos.staged_by_owner;

ALTER TABLE IF EXISTS memoryos.vectors
ADD COLUMN indexed boolean NOT NULL DEFAULT false;

DROP INDEX IF EXISTS memoryos.vectors_nearest;

DO $$ BEGIN
  IF to_regclass('memoryos.vectors') IS NULL THEN RETURN; END IF;
  UPDATE memoryos.vectors SET indexed = true WHERE owner IN (
    SELECT owner FROM memoryos.vectors GROUP BY owner HAVING count(*) > 10000
  );
  CREATE INDEX vectors_to_compare ON memoryos.vectors (owner, number) WHERE NOT indexed;
  IF (SELECT atttypmod FROM pg_catalog.pg_attribute
    WHERE attrelid = to_regclass('memoryos.vectors') AND attname = 'vector') <= 2000
  THEN
    CREATE INDEX vectors_nearest ON memoryos.vectors
    USING hnsw (vector vector_ip_ops) WHERE indexed;
  END IF;
END $$;

ALTER TABLE IF EXISTS memoryos.staged
ADD COLUMN indexed boolean NOT NULL DEFAULT false;

DROP INDEX IF EXISTS memoryos.staged_nearest;

DO $$ BEGIN
  IF to_regclass('memoryos.staged') IS NULL THEN RETURN; END IF;
  UPDATE memoryos.staged SET indexed = true WHERE owner IN (
    SELECT owner FROM memoryos.staged GROUP BY owner HAVING count(*) > 10000
  );
  CREATE INDEX staged_to_compare ON memoryos.staged (owner, number) WHERE NOT indexed;
  IF (SELECT atttypmod FROM pg_catalog.pg_attribute
    WHERE attrelid = to_regclass('memoryos.staged') AND attname = 'vector') <= 2000
  THEN
    CREATE INDEX staged_nearest ON memoryos.staged
    USING hnsw (vector vector_ip_ops) WHERE indexed;
  END IF;
END $$;

ALTER TABLE IF EXISTS memoryos.memory_words ADD FOREIGN KEY (owner, number) REFERENCES memoryos.memories (owner, number) ON DELETE CASCADE;

ALTER TABLE IF EXISTS memoryos.memory_tags ADD FOREIGN KEY (owner, number) REFERENCES memoryos.memories (owner, number) ON DELETE CASCADE;

ALTER TABLE IF EXISTS memoryos.memory_entities ADD FOREIGN KEY (owner, number) REFERENCES memoryos.memories (owner, number) ON DELETE CASCADE;

ALTER TABLE IF EXISTS memoryos.memory_metadata ADD FOREIGN KEY (owner, number) REFERENCES memoryos.memories (owner, number) ON DELETE CASCADE;

ALTER TABLE IF EXISTS memoryos.vectors ADD FOREIGN KEY (owner, number) REFERENCES memoryos.memories (owner, number) ON DELETE CASCADE;

ALTER TABLE IF EXISTS memoryos.staged ADD FOREIGN KEY (owner, number) REFERENCES memoryos.memories (owner, number) ON DELETE CASCADE;

TRUNCATE memoryos.memory_words;

ALTER TABLE memoryos.memories ADD COLUMN analyzed boolean NOT NULL DEFAULT false;

CREATE INDEX memories_to_renew ON memoryos.memories (owner, number) WHERE NOT analyzed;
