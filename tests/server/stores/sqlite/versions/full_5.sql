-- A file as version 5 of the schema made it, filled by `filling.py`. It is data: never change it.

CREATE TABLE settings (
      name TEXT PRIMARY KEY,
      value
    ) WITHOUT ROWID;
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
CREATE VIRTUAL TABLE memory_words USING fts5 (terms, content = '', tokenize = 'ascii');
CREATE VIRTUAL TABLE memory_word_positions USING fts5vocab (memory_words, instance);
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
  word_count INTEGER NOT NULL DEFAULT 0,
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
INSERT INTO settings VALUES ('embedder', 'hashing-8');
INSERT INTO settings VALUES ('reembedding', 'hashing-16');
INSERT INTO claims VALUES ('ada', 'create_memory', 'once 0', '3c7d7cae9b98722d8e23bcf89d803af597cb3d112d8ac24754383390776c7982', '00000000-0000-4000-8000-000000000001', 1795341601000000);
INSERT INTO claims VALUES ('ada', 'create_memory', 'once 1', '69c19e2615e530e31c85fba81cbf9112b56f1af5a6883eb70b0e2d10009102fc', '00000000-0000-4000-8000-000000000003', 1795341602000000);
INSERT INTO claims VALUES ('ada', 'create_memory', 'once 2', 'e64784fcf564b6f18e06ecd646a45b4c6f7150cba73f68d9be721f8f8ff81be0', '00000000-0000-4000-8000-000000000005', 1795341603000000);
INSERT INTO claims VALUES ('ada', 'create_memory', 'once 3', '00aa7297f9ac143d131be63584f9c796914fe04c3a65082dcd02aa3fd61d78df', '00000000-0000-4000-8000-000000000007', 1795341604000000);
INSERT INTO claims VALUES ('ada', 'create_memory', 'once 4', '4848934618275271cde6a6342121835faaa6bd6eb09bd4f1e643a232b1082372', '00000000-0000-4000-8000-000000000009', 1795341605000000);
INSERT INTO claims VALUES ('ada', 'create_memory', 'once 5', '4f381523e0abd4a6b8d0d55ada3f733277e1d54703a080b068700323139dd058', '00000000-0000-4000-8000-000000000011', 1795341606000000);
INSERT INTO claims VALUES ('bo', 'create_memory', 'once 0', '3c7d7cae9b98722d8e23bcf89d803af597cb3d112d8ac24754383390776c7982', '00000000-0000-4000-8000-000000000002', 1795341601000000);
INSERT INTO claims VALUES ('bo', 'create_memory', 'once 1', '82fe5a8f2fdac56b1bb2b1093281a3bb5ab689539f3c95684be38a61a1d3b7e2', '00000000-0000-4000-8000-000000000004', 1795341602000000);
INSERT INTO claims VALUES ('bo', 'create_memory', 'once 2', 'defea213a215701b9de22230b7f7fb61a711403675daf5b26159763969dbcb2c', '00000000-0000-4000-8000-000000000006', 1795341603000000);
INSERT INTO claims VALUES ('bo', 'create_memory', 'once 3', '2e4ea22239e20bbbe9b4d9cb9bcd7463e5695904ac60fbc22dd293c97162dfb8', '00000000-0000-4000-8000-000000000008', 1795341604000000);
INSERT INTO claims VALUES ('bo', 'create_memory', 'once 4', '6c298897b61a632fbfeefcb20cfc6d84f6dfbdbf36cddb8a1bc68b0552d75c9f', '00000000-0000-4000-8000-000000000010', 1795341605000000);
INSERT INTO claims VALUES ('bo', 'create_memory', 'once 5', '4e91c84534bee869ad07c3099fc18b0df4a1267e5da7f2182a2ad4cb95ef9ca4', '00000000-0000-4000-8000-000000000012', 1795341606000000);
INSERT INTO memories VALUES (1, '00000000-0000-4000-8000-000000000001', 'ada', 'Ada drinks her coffee black', 'text', 'short', NULL, 0.5, 1.0, 1, 1795341606000000, NULL, NULL, NULL, '{"tags":["user:0"],"entities":[],"city":"Москва","ts":1757894400}', '[]', '6b18455a0588f9a1e1987de80a86ee0d75325ccdefd1d455d1444b486c043d7c', 1795341601000000, 1795341601000000, 1795428001000000, 5);
INSERT INTO memories VALUES (2, '00000000-0000-4000-8000-000000000002', 'bo', 'Ada drinks her coffee black', 'text', 'short', NULL, 0.5, 1.0, 1, 1795341606000000, NULL, NULL, NULL, '{"tags":["user:0"],"entities":[],"city":"Москва","ts":1757894400}', '[]', '6b18455a0588f9a1e1987de80a86ee0d75325ccdefd1d455d1444b486c043d7c', 1795341601000000, 1795341601000000, 1795428001000000, 5);
INSERT INTO memories VALUES (3, '00000000-0000-4000-8000-000000000003', 'ada', 'Bo: the green tea of Москва is ready', 'conversation', 'long', NULL, 0.5, 1.0, 1, 1795341606000000, '00000000-0000-4000-8000-000000000001', NULL, NULL, '{"tags":["taste","user:1"],"entities":["e1"],"city":"Москва","ts":1757894400}', '[]', '278fbfd63fb3b7c10d16eaf71725f40bea232db60895a2283011d96e287e4a10', 1795341602000000, 1795341602000000, NULL, 8);
INSERT INTO memories VALUES (4, '00000000-0000-4000-8000-000000000004', 'bo', 'Bo: the green tea of Москва is ready', 'conversation', 'long', NULL, 0.5, 1.0, 1, 1795341606000000, '00000000-0000-4000-8000-000000000002', NULL, NULL, '{"tags":["taste","user:1"],"entities":["e1"],"city":"Москва","ts":1757894400}', '[]', '278fbfd63fb3b7c10d16eaf71725f40bea232db60895a2283011d96e287e4a10', 1795341602000000, 1795341602000000, NULL, 8);
INSERT INTO memories VALUES (5, '00000000-0000-4000-8000-000000000005', 'ada', 'Ada: is the green tea ready?', 'conversation', 'long', NULL, 0.5, 1.0, 0, NULL, '00000000-0000-4000-8000-000000000003', NULL, NULL, '{"tags":["taste","user:0"],"entities":[],"city":"Москва","ts":1757894400}', '[]', '0316511030a4cfb340b0802e2b02a6fbd91526897a841ea044670212f089603a', 1795341603000000, 1795341603000000, NULL, 6);
INSERT INTO memories VALUES (6, '00000000-0000-4000-8000-000000000006', 'bo', 'Ada: is the green tea ready?', 'conversation', 'long', NULL, 0.5, 1.0, 0, NULL, '00000000-0000-4000-8000-000000000004', NULL, NULL, '{"tags":["taste","user:0"],"entities":[],"city":"Москва","ts":1757894400}', '[]', '0316511030a4cfb340b0802e2b02a6fbd91526897a841ea044670212f089603a', 1795341603000000, 1795341603000000, NULL, 6);
INSERT INTO memories VALUES (7, '00000000-0000-4000-8000-000000000007', 'ada', 'Straße, 東京都に, and a cup of tea', 'text', 'long', NULL, 0.5, 1.0, 1, 1795341606000000, '00000000-0000-4000-8000-000000000005', NULL, NULL, '{"tags":["user:1"],"entities":["e1"],"city":{"name":"Köln"},"ts":1757894400}', '[]', 'f7a4a6d00ae924e9524b8873b301ef4cce0aecc76403b536b12532538be613bc', 1795341604000000, 1795341604000000, NULL, 10);
INSERT INTO memories VALUES (8, '00000000-0000-4000-8000-000000000008', 'bo', 'Straße, 東京都に, and a cup of tea', 'text', 'long', NULL, 0.5, 1.0, 1, 1795341606000000, '00000000-0000-4000-8000-000000000006', NULL, NULL, '{"tags":["user:1"],"entities":["e1"],"city":{"name":"Köln"},"ts":1757894400}', '[]', 'f7a4a6d00ae924e9524b8873b301ef4cce0aecc76403b536b12532538be613bc', 1795341604000000, 1795341604000000, NULL, 10);
INSERT INTO memories VALUES (9, '00000000-0000-4000-8000-000000000009', 'ada', 'coffee coffee coffee and no tea', 'text', 'long', NULL, 0.5, 1.0, 1, 1795341606000000, '00000000-0000-4000-8000-000000000007', NULL, NULL, '{"tags":["taste","user:0"],"entities":[],"city":{"name":"Köln"},"ts":1757894400}', '[]', 'abb87e5f0a49bfce609ccdeaa2344663f151372ecb4b7bf81e95950fb11353b1', 1795341605000000, 1795341605000000, NULL, 6);
INSERT INTO memories VALUES (10, '00000000-0000-4000-8000-000000000010', 'bo', 'coffee coffee coffee and no tea', 'text', 'long', NULL, 0.5, 1.0, 1, 1795341606000000, '00000000-0000-4000-8000-000000000008', NULL, NULL, '{"tags":["taste","user:0"],"entities":[],"city":{"name":"Köln"},"ts":1757894400}', '[]', 'abb87e5f0a49bfce609ccdeaa2344663f151372ecb4b7bf81e95950fb11353b1', 1795341605000000, 1795341605000000, NULL, 6);
INSERT INTO memories VALUES (11, '00000000-0000-4000-8000-000000000011', 'ada', 'the kumquat blooms in May', 'text', 'long', NULL, 0.5, 1.0, 0, NULL, '00000000-0000-4000-8000-000000000009', NULL, NULL, '{}', '[]', '455942bf0ec4c0b8ea71ca908ad9dc7b7b37f117d168b1203fb7fe04b9cd3b11', 1795341606000000, 1795341606000000, NULL, 5);
INSERT INTO memories VALUES (12, '00000000-0000-4000-8000-000000000012', 'bo', 'the kumquat blooms in May', 'text', 'long', NULL, 0.5, 1.0, 0, NULL, '00000000-0000-4000-8000-000000000010', NULL, NULL, '{}', '[]', '455942bf0ec4c0b8ea71ca908ad9dc7b7b37f117d168b1203fb7fe04b9cd3b11', 1795341606000000, 1795341606000000, NULL, 5);
INSERT INTO vectors VALUES (1, 'ada', 1, 0, x'8a8f673fb25f9a3e00000000b25f9a3e00000000000000000000000000000000', x'020000000000000000000000d140be0dfb45661178cc041fb1f3d039d1d3c45028ba85896887708df0355bd6');
INSERT INTO vectors VALUES (2, 'bo', 2, 0, x'8a8f673fb25f9a3e00000000b25f9a3e00000000000000000000000000000000', x'020000000000000000000000d140be0dfb45661178cc041fb1f3d039d1d3c45028ba85896887708df0355bd6');
INSERT INTO vectors VALUES (3, 'ada', 3, 0, x'0000000077d6883e77d6083f77d6083f000000000000000077d6883e77d6083f', x'02000000b7fd39847871320afaa16d07fb456611cb952235e66d453c97e2ea3cd1d3c450b2d7868e86687b90abf507ab13671fcb21ee9ad0f0355bd6');
INSERT INTO vectors VALUES (4, 'bo', 4, 0, x'0000000077d6883e77d6083f77d6083f000000000000000077d6883e77d6083f', x'020000003c931b23c16fa4fefaa16d07fb456611cb952235e66d453c97e2ea3cd1d3c450b2d7868e86687b90abf507ab13671fcb21ee9ad0f0355bd6');
INSERT INTO vectors VALUES (5, 'ada', 5, 0, x'f304b53ef304b53ef304b53e000000000000000000000000f304b53ef304353f', x'0200000055e80d6b94fd5968fb456611cb952235e66d453c97e2ea3cd1d3c450d2afea57b0c264646887708db2d7868e21ee9ad0f0355bd6');
INSERT INTO vectors VALUES (6, 'bo', 6, 0, x'f304b53ef304b53ef304b53e000000000000000000000000f304b53ef304353f', x'020000003283dd99000ebd75fb456611cb952235e66d453c97e2ea3cd1d3c450d2afea57b0c264646887708db2d7868e21ee9ad0f0355bd6');
INSERT INTO vectors VALUES (7, 'ada', 7, 0, x'0000000000000000a532043fa532843ea532843ef74b463f0000000000000000', x'020000000000000000000000faa16d076d9bf507fb456611d1d3c450705b1b75b2d7868ee4509db7f0355bd643beb7e87d3400ef');
INSERT INTO vectors VALUES (8, 'bo', 8, 0, x'0000000000000000a532043fa532843ea532843ef74b463f0000000000000000', x'020000000000000000000000faa16d076d9bf507fb456611d1d3c450705b1b75b2d7868ee4509db7f0355bd643beb7e87d3400ef');
INSERT INTO vectors VALUES (9, 'ada', 9, 0, x'00000000000000003acd933ed8b35d3f000000003acd933e000000003acd933e', x'0200000000000000000000006d9bf507fb456611b1f3d039d1d3c4501f28aa67b2d7868ef0355bd6');
INSERT INTO vectors VALUES (10, 'bo', 10, 0, x'00000000000000003acd933ed8b35d3f000000003acd933e000000003acd933e', x'0200000000000000000000006d9bf507fb456611b1f3d039d1d3c4501f28aa67b2d7868ef0355bd6');
INSERT INTO vectors VALUES (11, 'ada', 11, 0, x'0000000000000000b25f9a3e0000000000000000000000008a8f673fb25f9a3e', x'020000000000000000000000e66d453c4e8eec5f6e6aa784547e7d9c1b7dcdc61f1271ea');
INSERT INTO vectors VALUES (12, 'bo', 12, 0, x'0000000000000000b25f9a3e0000000000000000000000008a8f673fb25f9a3e', x'020000000000000000000000e66d453c4e8eec5f6e6aa784547e7d9c1b7dcdc61f1271ea');
INSERT INTO vectors VALUES (14, 'ada', 13, 1, NULL, NULL);
INSERT INTO vectors VALUES (16, 'bo', 14, 1, NULL, NULL);
INSERT INTO tags VALUES ('ada', '9395e138-138d-59f1-a606-5faf29577b7c', 'user:0', 'user:0', NULL, NULL, 1795341601000000, 1795341601000000, 'user');
INSERT INTO tags VALUES ('bo', '9612369f-e67b-56c6-96dd-a95d5a0d317f', 'user:0', 'user:0', NULL, NULL, 1795341601000000, 1795341601000000, 'user');
INSERT INTO tags VALUES ('ada', '9dec72dd-977c-583b-9bdc-76ad98cfa562', 'taste', 'taste', NULL, NULL, 1795341602000000, 1795341602000000, NULL);
INSERT INTO tags VALUES ('ada', 'da7ca757-adea-53d4-9197-34fc74ec4343', 'user:1', 'user:1', NULL, NULL, 1795341602000000, 1795341602000000, 'user');
INSERT INTO tags VALUES ('bo', '76248b35-a287-5198-ae03-47a74f46ae5e', 'taste', 'taste', NULL, NULL, 1795341602000000, 1795341602000000, NULL);
INSERT INTO tags VALUES ('bo', 'fb55600f-9e9c-560a-adf3-29e45a7d2895', 'user:1', 'user:1', NULL, NULL, 1795341602000000, 1795341602000000, 'user');
INSERT INTO memory_tags VALUES ('ada', 1, '9395e138-138d-59f1-a606-5faf29577b7c');
INSERT INTO memory_tags VALUES ('ada', 5, '9395e138-138d-59f1-a606-5faf29577b7c');
INSERT INTO memory_tags VALUES ('ada', 9, '9395e138-138d-59f1-a606-5faf29577b7c');
INSERT INTO memory_tags VALUES ('ada', 3, '9dec72dd-977c-583b-9bdc-76ad98cfa562');
INSERT INTO memory_tags VALUES ('ada', 5, '9dec72dd-977c-583b-9bdc-76ad98cfa562');
INSERT INTO memory_tags VALUES ('ada', 9, '9dec72dd-977c-583b-9bdc-76ad98cfa562');
INSERT INTO memory_tags VALUES ('ada', 3, 'da7ca757-adea-53d4-9197-34fc74ec4343');
INSERT INTO memory_tags VALUES ('ada', 7, 'da7ca757-adea-53d4-9197-34fc74ec4343');
INSERT INTO memory_tags VALUES ('bo', 4, '76248b35-a287-5198-ae03-47a74f46ae5e');
INSERT INTO memory_tags VALUES ('bo', 6, '76248b35-a287-5198-ae03-47a74f46ae5e');
INSERT INTO memory_tags VALUES ('bo', 10, '76248b35-a287-5198-ae03-47a74f46ae5e');
INSERT INTO memory_tags VALUES ('bo', 2, '9612369f-e67b-56c6-96dd-a95d5a0d317f');
INSERT INTO memory_tags VALUES ('bo', 6, '9612369f-e67b-56c6-96dd-a95d5a0d317f');
INSERT INTO memory_tags VALUES ('bo', 10, '9612369f-e67b-56c6-96dd-a95d5a0d317f');
INSERT INTO memory_tags VALUES ('bo', 4, 'fb55600f-9e9c-560a-adf3-29e45a7d2895');
INSERT INTO memory_tags VALUES ('bo', 8, 'fb55600f-9e9c-560a-adf3-29e45a7d2895');
INSERT INTO entities VALUES (1, '00000000-0000-4000-8000-000000000013', 'ada', 'Green Tea', 'green tea', 'person', '["tea of Москва"]', '{}', 1795341606000000);
INSERT INTO entities VALUES (2, '00000000-0000-4000-8000-000000000015', 'bo', 'Green Tea', 'green tea', 'person', '["tea of Москва"]', '{}', 1795341606000000);
INSERT INTO memory_entities VALUES ('ada', 3, 'e1');
INSERT INTO memory_entities VALUES ('ada', 7, 'e1');
INSERT INTO memory_entities VALUES ('bo', 4, 'e1');
INSERT INTO memory_entities VALUES ('bo', 8, 'e1');
INSERT INTO memory_metadata VALUES ('ada', x'528a5366d6b557109d19d76fe6ce1133', 1);
INSERT INTO memory_metadata VALUES ('ada', x'63b2a83b96c75c61b40b60682c5b8e00', 1);
INSERT INTO memory_metadata VALUES ('ada', x'83cc78a5770752848c918a4e331c4c32', 1);
INSERT INTO memory_metadata VALUES ('ada', x'ee0489d92b7b5dbd8422be2527d22bca', 1);
INSERT INTO memory_metadata VALUES ('ada', x'285ac58ceb55550a8736b1afbfa0cbe0', 3);
INSERT INTO memory_metadata VALUES ('ada', x'83cc78a5770752848c918a4e331c4c32', 3);
INSERT INTO memory_metadata VALUES ('ada', x'accf495f9c0350099f8274386cff4397', 3);
INSERT INTO memory_metadata VALUES ('ada', x'ee0489d92b7b5dbd8422be2527d22bca', 3);
INSERT INTO memory_metadata VALUES ('ada', x'528a5366d6b557109d19d76fe6ce1133', 5);
INSERT INTO memory_metadata VALUES ('ada', x'83cc78a5770752848c918a4e331c4c32', 5);
INSERT INTO memory_metadata VALUES ('ada', x'bb98fb100ae1527e9e6ed59f83e9771e', 5);
INSERT INTO memory_metadata VALUES ('ada', x'ee0489d92b7b5dbd8422be2527d22bca', 5);
INSERT INTO memory_metadata VALUES ('ada', x'285ac58ceb55550a8736b1afbfa0cbe0', 7);
INSERT INTO memory_metadata VALUES ('ada', x'83cc78a5770752848c918a4e331c4c32', 7);
INSERT INTO memory_metadata VALUES ('ada', x'95359ce0cb695cdf8d448c6d34f44b7a', 7);
INSERT INTO memory_metadata VALUES ('ada', x'e95db16c1eca54b98af947ee7fefac05', 7);
INSERT INTO memory_metadata VALUES ('ada', x'528a5366d6b557109d19d76fe6ce1133', 9);
INSERT INTO memory_metadata VALUES ('ada', x'83cc78a5770752848c918a4e331c4c32', 9);
INSERT INTO memory_metadata VALUES ('ada', x'95359ce0cb695cdf8d448c6d34f44b7a', 9);
INSERT INTO memory_metadata VALUES ('ada', x'bb98fb100ae1527e9e6ed59f83e9771e', 9);
INSERT INTO memory_metadata VALUES ('bo', x'37f0559e4b3e5b12a7f9e989a838a654', 2);
INSERT INTO memory_metadata VALUES ('bo', x'53a538e7b6265fd09d3c5b7199dbe011', 2);
INSERT INTO memory_metadata VALUES ('bo', x'7a217c0da22857eda9f92cd10fba149c', 2);
INSERT INTO memory_metadata VALUES ('bo', x'85352153031f58f3b7ea62a2811ec1e3', 2);
INSERT INTO memory_metadata VALUES ('bo', x'7a217c0da22857eda9f92cd10fba149c', 4);
INSERT INTO memory_metadata VALUES ('bo', x'81a35934da8558ca82ecc7a34f71f582', 4);
INSERT INTO memory_metadata VALUES ('bo', x'85352153031f58f3b7ea62a2811ec1e3', 4);
INSERT INTO memory_metadata VALUES ('bo', x'c291d854f0175de5b850a46a9149321b', 4);
INSERT INTO memory_metadata VALUES ('bo', x'53a538e7b6265fd09d3c5b7199dbe011', 6);
INSERT INTO memory_metadata VALUES ('bo', x'7a217c0da22857eda9f92cd10fba149c', 6);
INSERT INTO memory_metadata VALUES ('bo', x'85352153031f58f3b7ea62a2811ec1e3', 6);
INSERT INTO memory_metadata VALUES ('bo', x'b20cdf5e04f358a5bc83c2e5b8252eb8', 6);
INSERT INTO memory_metadata VALUES ('bo', x'09b27ed91e2756829d7a4528a2d451e0', 8);
INSERT INTO memory_metadata VALUES ('bo', x'759ecfa800ad5b0facaae47b6b2dd2dd', 8);
INSERT INTO memory_metadata VALUES ('bo', x'7a217c0da22857eda9f92cd10fba149c', 8);
INSERT INTO memory_metadata VALUES ('bo', x'c291d854f0175de5b850a46a9149321b', 8);
INSERT INTO memory_metadata VALUES ('bo', x'09b27ed91e2756829d7a4528a2d451e0', 10);
INSERT INTO memory_metadata VALUES ('bo', x'53a538e7b6265fd09d3c5b7199dbe011', 10);
INSERT INTO memory_metadata VALUES ('bo', x'7a217c0da22857eda9f92cd10fba149c', 10);
INSERT INTO memory_metadata VALUES ('bo', x'b20cdf5e04f358a5bc83c2e5b8252eb8', 10);
INSERT INTO staged_vectors VALUES (1000000000017, 'ada', 1, 0, x'000000000000000000000000b25f9a3e000000000000000000000000000000008a8f673fb25f9a3e000000000000000000000000000000000000000000000000', x'020000000000000000000000d140be0dfb45661178cc041fb1f3d039d1d3c45028ba85896887708df0355bd6');
INSERT INTO staged_vectors VALUES (1000000000018, 'bo', 2, 0, x'000000000000000000000000b25f9a3e000000000000000000000000000000008a8f673fb25f9a3e000000000000000000000000000000000000000000000000', x'020000000000000000000000d140be0dfb45661178cc041fb1f3d039d1d3c45028ba85896887708df0355bd6');
INSERT INTO staged_vectors VALUES (1000000000019, 'ada', 3, 0, x'00000000f304b53ef304b53ef304b53e0000000000000000f304b53ef304b53e0000000000000000f304b53ef304b53e000000000000000000000000f304b53e', x'02000000b7fd39847871320afaa16d07fb456611cb952235e66d453c97e2ea3cd1d3c450b2d7868e86687b90abf507ab13671fcb21ee9ad0f0355bd6');
INSERT INTO staged_vectors VALUES (1000000000020, 'bo', 4, 0, x'00000000f304b53ef304b53ef304b53e0000000000000000f304b53ef304b53e0000000000000000f304b53ef304b53e000000000000000000000000f304b53e', x'020000003c931b23c16fa4fefaa16d07fb456611cb952235e66d453c97e2ea3cd1d3c450b2d7868e86687b90abf507ab13671fcb21ee9ad0f0355bd6');
INSERT INTO staged_vectors VALUES (1000000000021, 'ada', 5, 0, x'00000000eb05d13eeb05d13e000000000000000000000000eb05d13eeb05d13eeb05d13e000000000000000000000000000000000000000000000000eb05d13e', x'0200000055e80d6b94fd5968fb456611cb952235e66d453c97e2ea3cd1d3c450d2afea57b0c264646887708db2d7868e21ee9ad0f0355bd6');
INSERT INTO staged_vectors VALUES (1000000000022, 'bo', 6, 0, x'00000000eb05d13eeb05d13e000000000000000000000000eb05d13eeb05d13eeb05d13e000000000000000000000000000000000000000000000000eb05d13e', x'020000003283dd99000ebd75fb456611cb952235e66d453c97e2ea3cd1d3c450d2afea57b0c264646887708db2d7868e21ee9ad0f0355bd6');
INSERT INTO staged_vectors VALUES (1000000000023, 'ada', 7, 0, x'0000000000000000d5008e3ed5008e3ed5008e3e0000000000000000000000000000000000000000d5008e3e00000000000000004001553f0000000000000000', x'020000000000000000000000faa16d076d9bf507fb456611d1d3c450705b1b75b2d7868ee4509db7f0355bd643beb7e87d3400ef');
INSERT INTO staged_changes VALUES ('ada', 1, 1);
INSERT INTO staged_changes VALUES ('ada', 3, 3);
INSERT INTO staged_changes VALUES ('ada', 5, 5);
INSERT INTO staged_changes VALUES ('ada', 7, 7);
INSERT INTO staged_changes VALUES ('bo', 2, 2);
INSERT INTO staged_changes VALUES ('bo', 4, 4);
INSERT INTO staged_changes VALUES ('bo', 6, 6);
INSERT INTO memory_words (rowid, terms) VALUES (1, '514b868a5432396ad8d2947253 514b868a545ac9538018d3e168 514b868a54c4e42f56ec1a0862 514b868a54650a40cdd16e7060 514b868a54db3cfbcaa6336bbb');
INSERT INTO memory_words (rowid, terms) VALUES (2, '918d5869891406b8608ee3b41b 918d586989f490672ddc57249d 918d58698970a2086efe0f6d51 918d5869898fe2f927f0271dfe 918d58698948912992565585fd');
INSERT INTO memory_words (rowid, terms) VALUES (3, '514b868a546a5d484b2fdedfcf 514b868a54eb3a20a483a7c972 514b868a54478f8e6acad37343 514b868a5479aae3ac229ff820 514b868a54d16cf3f1b6a6c23b 514b868a54298f1ee9f69f6243 514b868a54ec68fefca1f65fb3 514b868a547cd8cca3e68ce1dd');
INSERT INTO memory_words (rowid, terms) VALUES (4, '918d586989e344cb4d89e9da04 918d58698943332197f411798d 918d5869897e317e9b1e8efe03 918d586989b360174484e6f285 918d5869896150e4fc452363e6 918d5869899627f844f44e2132 918d5869897d5af647796ee4b2 918d586989ea10400bf4a9920d');
INSERT INTO memory_words (rowid, terms) VALUES (5, '514b868a5432396ad8d2947253 514b868a54ec68fefca1f65fb3 514b868a54eb3a20a483a7c972 514b868a54478f8e6acad37343 514b868a5479aae3ac229ff820 514b868a547cd8cca3e68ce1dd');
INSERT INTO memory_words (rowid, terms) VALUES (6, '918d5869891406b8608ee3b41b 918d5869897d5af647796ee4b2 918d58698943332197f411798d 918d5869897e317e9b1e8efe03 918d586989b360174484e6f285 918d586989ea10400bf4a9920d');
INSERT INTO memory_words (rowid, terms) VALUES (7, '514b868a54105cd241e555a6c7 514b868a549bf28318a639ede1 514b868a5404d992b1ea515c77 514b868a54473c2fc9222f948e 514b868a542742593e7dbfb35d 514b868a54a40c38d19926f050 514b868a54422b23cb8a1b6e96 514b868a5413e6dc7975d2df54 514b868a54d16cf3f1b6a6c23b 514b868a5479aae3ac229ff820');
INSERT INTO memory_words (rowid, terms) VALUES (8, '918d586989892504d1510fdffd 918d5869894bfd11aa4db66192 918d586989fc41dd308a4e3b35 918d58698966bc25cb77244bd5 918d5869898d992c8cf07579d2 918d58698905cb2b77d0fcfa1f 918d58698988cc910bef3b2081 918d586989b52f0409ab8232e4 918d5869896150e4fc452363e6 918d586989b360174484e6f285');
INSERT INTO memory_words (rowid, terms) VALUES (9, '514b868a54650a40cdd16e7060 514b868a54650a40cdd16e7060 514b868a54650a40cdd16e7060 514b868a54a40c38d19926f050 514b868a54162e73b72b44455c 514b868a5479aae3ac229ff820');
INSERT INTO memory_words (rowid, terms) VALUES (10, '918d5869898fe2f927f0271dfe 918d5869898fe2f927f0271dfe 918d5869898fe2f927f0271dfe 918d58698905cb2b77d0fcfa1f 918d5869892bfbff8fdae3f17f 918d586989b360174484e6f285');
INSERT INTO memory_words (rowid, terms) VALUES (11, '514b868a54eb3a20a483a7c972 514b868a54081c8a6440e5f234 514b868a54459567a63d2dcfe8 514b868a5496ebd67ade91dea9 514b868a548f6c7831ba5d4ac2');
INSERT INTO memory_words (rowid, terms) VALUES (12, '918d58698943332197f411798d 918d58698948af54514834dfb3 918d586989b13766dc39d97758 918d5869892df8c8e8208d4106 918d586989df1b962fb144941e');
UPDATE sqlite_sequence SET seq = CASE name WHEN 'memories' THEN 14 WHEN 'vectors' THEN 16 WHEN 'staged_vectors' THEN 1000000000023 END;
PRAGMA application_id = 1836020529;
PRAGMA user_version = 5;
