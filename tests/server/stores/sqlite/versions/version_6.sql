-- A file as version 6 of the schema made it. It is data: never change it, add the next version's.

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value
) WITHOUT ROWID;
CREATE VIRTUAL TABLE memory_words USING fts5 (terms, content = '', tokenize = 'ascii');
CREATE VIRTUAL TABLE memory_word_positions USING fts5vocab (memory_words, instance);
CREATE TABLE claims (
  owner TEXT NOT NULL,
  operation TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  record_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (owner, operation, key)
) WITHOUT ROWID;
CREATE TABLE keys (
  hash TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  scopes TEXT NOT NULL,
  name TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
, scope_tags TEXT NOT NULL DEFAULT '[]') WITHOUT ROWID;
CREATE TABLE "memories" (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  owner TEXT NOT NULL,
  content TEXT NOT NULL,
  content_type TEXT NOT NULL,
  tier TEXT NOT NULL,
  memory_nature TEXT,
  importance_score REAL NOT NULL,
  confidence_score REAL NOT NULL,
  access_count INTEGER NOT NULL,
  last_accessed_at INTEGER,
  parent_memory_id TEXT,
  external_id TEXT,
  source_id TEXT,
  metadata TEXT NOT NULL,
  pii_fields TEXT NOT NULL,
  integrity_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER,
  word_count INTEGER NOT NULL DEFAULT 0, words_checksum INTEGER NOT NULL DEFAULT 0,
  UNIQUE (owner, id),
  UNIQUE (owner, number)
);
CREATE INDEX memories_by_age ON memories (owner, created_at, expires_at);
CREATE INDEX memories_by_tier ON memories (owner, tier, created_at, expires_at);
CREATE INDEX memories_by_length ON memories (owner, expires_at, word_count);
CREATE INDEX memories_by_external_id ON memories (owner, external_id, created_at)
    WHERE external_id IS NOT NULL;
CREATE INDEX memories_by_parent ON memories (owner, parent_memory_id)
    WHERE parent_memory_id IS NOT NULL;
CREATE INDEX memories_by_expiry ON memories (owner, expires_at)
    WHERE expires_at IS NOT NULL;
CREATE TABLE "vectors" (
  change INTEGER PRIMARY KEY AUTOINCREMENT,
  owner TEXT NOT NULL,
  number INTEGER NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0,
  vector BLOB,
  cues BLOB,
  UNIQUE (owner, number)
);
CREATE INDEX vectors_by_change ON vectors (owner, change);
CREATE INDEX vectors_missing ON vectors (owner, number)
      WHERE vector IS NULL AND deleted = 0;
CREATE INDEX vectors_deleted ON vectors (owner, change) WHERE deleted = 1;
CREATE TABLE staged_vectors (
  change INTEGER PRIMARY KEY AUTOINCREMENT,
  owner TEXT NOT NULL,
  number INTEGER NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0,
  vector BLOB,
  cues BLOB,
  UNIQUE (owner, number)
);
CREATE TABLE staged_changes (
      owner TEXT NOT NULL,
      number INTEGER NOT NULL,
      change INTEGER NOT NULL,
      PRIMARY KEY (owner, number)
    ) WITHOUT ROWID;
CREATE TABLE "tags" (
          owner TEXT NOT NULL,
          id TEXT NOT NULL,
          name TEXT NOT NULL,
          folded TEXT NOT NULL,
          color TEXT,
          description TEXT,
          created_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL,
          scope_key TEXT,
          PRIMARY KEY (owner, id),
          UNIQUE (owner, name)
        );
CREATE TABLE "memory_tags" (
          owner TEXT NOT NULL,
          number INTEGER NOT NULL,
          tag_id TEXT NOT NULL,
          PRIMARY KEY (owner, number, tag_id),
          FOREIGN KEY (owner, number) REFERENCES memories (owner, number) ON DELETE CASCADE,
          FOREIGN KEY (owner, tag_id) REFERENCES tags (owner, id) ON DELETE CASCADE
        ) WITHOUT ROWID;
CREATE INDEX memory_tags_by_tag ON memory_tags (owner, tag_id, number);
CREATE TABLE "entities" (
          number INTEGER PRIMARY KEY,
          id TEXT NOT NULL,
          owner TEXT NOT NULL,
          name TEXT NOT NULL,
          folded TEXT NOT NULL,
          type TEXT NOT NULL,
          aliases TEXT NOT NULL,
          metadata TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          UNIQUE (owner, id)
        );
CREATE INDEX entities_by_name ON entities (owner, folded, number);
CREATE TABLE "memory_entities" (
          owner TEXT NOT NULL,
          number INTEGER NOT NULL,
          entity_id TEXT NOT NULL,
          PRIMARY KEY (owner, number, entity_id),
          FOREIGN KEY (owner, number) REFERENCES memories (owner, number) ON DELETE CASCADE
        ) WITHOUT ROWID;
CREATE INDEX memory_entities_by_entity ON memory_entities (owner, entity_id, number);
CREATE TABLE "memory_metadata" (
          owner TEXT NOT NULL,
          field BLOB NOT NULL,
          number INTEGER NOT NULL,
          PRIMARY KEY (owner, field, number),
          FOREIGN KEY (owner, number) REFERENCES memories (owner, number) ON DELETE CASCADE
        ) WITHOUT ROWID;
CREATE INDEX memory_metadata_by_memory ON memory_metadata (owner, number);
CREATE INDEX claims_by_age ON claims (owner, created_at);
CREATE INDEX memories_to_renew ON memories (owner, number) WHERE words_checksum = 0;
INSERT INTO settings VALUES ('embedder', 'hashing-8');
INSERT INTO claims VALUES ('ada', 'create_memory', 'once', 'c01b89681abc62674d3aae7ddf387cbba8a9589964cfb7b78f48865133c707d4', '00000000-0000-4000-8000-000000000001', 1795341601000000);
INSERT INTO keys VALUES ('f3dd64e6896bdb66532c3390247ae3768c05a9f82435412446675529178967b8', 'ada', '["memories:read","memories:write","search:read"]', NULL, 1795341606000000, NULL, NULL, '[]');
INSERT INTO memories VALUES (1, '00000000-0000-4000-8000-000000000001', 'ada', 'Ada drinks her coffee black', 'fact', 'long', 'semantic', 0.9, 1.0, 0, NULL, NULL, NULL, NULL, '{"tags":["taste"],"entities":["e1"]}', '[]', '6b18455a0588f9a1e1987de80a86ee0d75325ccdefd1d455d1444b486c043d7c', 1795341601000000, 1795341601000000, NULL, 5, 2330099724);
INSERT INTO memories VALUES (3, '00000000-0000-4000-8000-000000000003', 'ada', 'a child, of Москва', 'text', 'medium', NULL, 0.5, 1.0, 0, NULL, '00000000-0000-4000-8000-000000000001', NULL, NULL, '{}', '[]', 'f7f6e2a2ac7143b7c64f4f1a4b64b87e927b9b8e43d27b91939eaccd6bed4fe3', 1795341603000000, 1795341603000000, NULL, 4, 3071361539);
INSERT INTO vectors VALUES (1, 'ada', 1, 0, x'8a8f673fb25f9a3e00000000b25f9a3e00000000000000000000000000000000', x'020000000000000000000000d140be0d78cc041fb1f3d03928ba85896887708d');
INSERT INTO vectors VALUES (3, 'ada', 3, 0, x'00000000eb05d13eeb05d13eeb05513f00000000000000000000000000000000', x'020000000000000000000000faa16d072954b3221f15b27b43beb7e8');
INSERT INTO tags VALUES ('ada', '9dec72dd-977c-583b-9bdc-76ad98cfa562', 'taste', 'taste', NULL, NULL, 1795341601000000, 1795341601000000, NULL);
INSERT INTO memory_tags VALUES ('ada', 1, '9dec72dd-977c-583b-9bdc-76ad98cfa562');
INSERT INTO entities VALUES (1, '00000000-0000-4000-8000-000000000004', 'ada', 'Ada Okafor', 'ada okafor', 'person', '["Ada"]', '{}', 1795341605000000);
INSERT INTO memory_entities VALUES ('ada', 1, 'e1');
INSERT INTO memory_metadata VALUES ('ada', x'285ac58ceb55550a8736b1afbfa0cbe0', 1);
INSERT INTO memory_metadata VALUES ('ada', x'7cc5a96e6b805d0b90f25c6fdd9cf4ff', 1);
INSERT INTO memory_words (rowid, terms) VALUES (1, '514b868a5432396ad8d2947253 514b868a545ac9538018d3e168 514b868a54c4e42f56ec1a0862 514b868a54650a40cdd16e7060 514b868a54db3cfbcaa6336bbb');
INSERT INTO memory_words (rowid, terms) VALUES (3, '514b868a54422b23cb8a1b6e96 514b868a5408c3d11ada8e1bbd 514b868a54d16cf3f1b6a6c23b 514b868a5486b913ba54d0ed8e');
UPDATE sqlite_sequence SET seq = CASE name WHEN 'memories' THEN 3 WHEN 'vectors' THEN 3 END;
PRAGMA application_id = 1836020529;
PRAGMA user_version = 6;
