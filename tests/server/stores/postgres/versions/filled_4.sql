CREATE SCHEMA memoryos;
CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;
CREATE TABLE memoryos.claims (
    owner text NOT NULL COLLATE pg_catalog."C",
    operation text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    body_hash text NOT NULL COLLATE pg_catalog."C",
    record_id text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE memoryos.entities (
    number bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    folded text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    aliases text NOT NULL COLLATE pg_catalog."C",
    metadata text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    key uuid
);
ALTER TABLE memoryos.entities ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME memoryos.entities_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE memoryos.keys (
    hash text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    scopes text NOT NULL COLLATE pg_catalog."C",
    name text COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    scope_tags text DEFAULT '[]'::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE memoryos.memories (
    number bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    content text NOT NULL COLLATE pg_catalog."C",
    content_type text NOT NULL COLLATE pg_catalog."C",
    tier text NOT NULL COLLATE pg_catalog."C",
    memory_nature text COLLATE pg_catalog."C",
    importance_score double precision NOT NULL,
    confidence_score double precision NOT NULL,
    access_count bigint NOT NULL,
    last_accessed_at timestamp with time zone,
    parent_memory_id text COLLATE pg_catalog."C",
    external_id text COLLATE pg_catalog."C",
    source_id text COLLATE pg_catalog."C",
    metadata text NOT NULL COLLATE pg_catalog."C",
    pii_fields text NOT NULL COLLATE pg_catalog."C",
    integrity_hash text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    word_count integer NOT NULL,
    embedded boolean NOT NULL
);
ALTER TABLE memoryos.memories ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME memoryos.memories_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE memoryos.memory_entities (
    number bigint NOT NULL,
    entity uuid NOT NULL,
    owner text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE memoryos.memory_metadata (
    field uuid NOT NULL,
    number bigint NOT NULL,
    owner text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE memoryos.memory_tags (
    number bigint NOT NULL,
    tag_id uuid NOT NULL,
    owner text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE memoryos.memory_words (
    owner text NOT NULL COLLATE pg_catalog."C",
    word text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    positions integer[] NOT NULL
);
CREATE TABLE memoryos.settings (
    name text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE memoryos.staged (
    owner text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    expires_at timestamp with time zone,
    created bigint NOT NULL,
    thread bigint NOT NULL,
    terms bytea NOT NULL,
    vector public.vector(24) NOT NULL,
    indexed boolean DEFAULT false NOT NULL,
    integrity_hash text,
    updated_at timestamp with time zone
);
CREATE TABLE memoryos.tags (
    id uuid NOT NULL,
    owner text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    folded text NOT NULL COLLATE pg_catalog."C",
    color text COLLATE pg_catalog."C",
    description text COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    scope_key text COLLATE pg_catalog."C"
);
CREATE TABLE memoryos.vectors (
    owner text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    expires_at timestamp with time zone,
    created bigint NOT NULL,
    thread bigint NOT NULL,
    terms bytea NOT NULL,
    vector public.vector(16) NOT NULL,
    indexed boolean DEFAULT false NOT NULL
);
INSERT INTO memoryos.claims VALUES
	('ada', 'create_entity', 'e1', '81f45c4b15b9cdbc94c835a42433ce2841c727a268cb90a2bfd13aa9558dc824', '00000000-0000-4000-8000-000000000001', '2026-11-20 09:00:01+00'),
	('ada', 'create_memory', 'm1', '8bdb77c03227c6f27d9eb2197e17e73b6f8a0ebd18e3ab010e17337d3c67233c', '00000000-0000-4000-8000-000000000003', '2026-11-20 09:00:03+00'),
	('ada', 'create_memory', 'm2', '4e52b7ebd7534019c0bb2faecf381ce77e60dfaf5ceefeaefe7ce0c3ac424895', '00000000-0000-4000-8000-000000000008', '2026-11-20 09:00:08+00'),
	('ada', 'create_memory', 'Before', 'a0393fbcc23eb98ca2a902dc3dc0f944be506c41aa8178eae4156221887bd2f6', '00000000-0000-4000-8000-00000000000e', '2026-11-20 09:00:15+00'),
	('ada', 'create_memory', 'After', '7826613f366adf2e0aa65fae4efc293723a562275c62a8a3dc927ff5b97006cc', '00000000-0000-4000-8000-00000000000e', '2026-11-20 09:00:16+00'),
	('bo', 'create_entity', 'e1', '81f45c4b15b9cdbc94c835a42433ce2841c727a268cb90a2bfd13aa9558dc824', '00000000-0000-4000-8000-000000000010', '2026-11-20 09:00:17+00'),
	('bo', 'create_memory', 'm1', '8bdb77c03227c6f27d9eb2197e17e73b6f8a0ebd18e3ab010e17337d3c67233c', '00000000-0000-4000-8000-000000000012', '2026-11-20 09:00:19+00'),
	('bo', 'create_memory', 'm2', '4e52b7ebd7534019c0bb2faecf381ce77e60dfaf5ceefeaefe7ce0c3ac424895', '00000000-0000-4000-8000-000000000017', '2026-11-20 09:00:24+00'),
	('bo', 'create_memory', 'Before', 'a0393fbcc23eb98ca2a902dc3dc0f944be506c41aa8178eae4156221887bd2f6', '00000000-0000-4000-8000-00000000001d', '2026-11-20 09:00:31+00'),
	('bo', 'create_memory', 'After', '7826613f366adf2e0aa65fae4efc293723a562275c62a8a3dc927ff5b97006cc', '00000000-0000-4000-8000-00000000001d', '2026-11-20 09:00:32+00');
INSERT INTO memoryos.entities OVERRIDING SYSTEM VALUE VALUES
	(1, '00000000-0000-4000-8000-000000000001', 'ada', 'Grace Hopper', 'grace hopper', 'person', '["Amazing Grace"]', '{"n":1}', '2026-11-20 09:00:01+00', '5c9319e8-45d9-503e-8117-80f770e020d9'),
	(2, '00000000-0000-4000-8000-000000000002', 'ada', 'Straße', 'strasse', 'place', '[]', '{}', '2026-11-20 09:00:02+00', '6496e30f-2a38-5d85-9cf1-4846ff0bb776'),
	(3, '00000000-0000-4000-8000-000000000010', 'bo', 'Grace Hopper', 'grace hopper', 'person', '["Amazing Grace"]', '{"n":1}', '2026-11-20 09:00:17+00', 'a112af4e-b155-5721-ac0c-8cb4556c1c0f'),
	(4, '00000000-0000-4000-8000-000000000011', 'bo', 'Straße', 'strasse', 'place', '[]', '{}', '2026-11-20 09:00:18+00', 'c250e9bd-51a8-5c8c-82e7-ae4df07d19ad');
INSERT INTO memoryos.keys VALUES
	('e8b59b4d62ba7ec06230909732e51682e71e5ca38c1540d6ec27a18fa0a5abbd', 'ada', '["memories:read","memories:write","search:read"]', NULL, '2026-11-20 09:00:32+00', NULL, NULL, '[]'),
	('da1d86231214cbe55737d2094cfad30bd86bd8f5b885894b65b00d11f4fcb90e', 'ada', '["memories:read","memories:write","search:read"]', NULL, '2026-11-20 09:00:32+00', '2026-11-20 11:00:00+00', NULL, '[]'),
	('18d07096da28238e764196f143b7c9fdf106689e864babca31d314a61095da1c', 'ada', '["memories:read","memories:write","search:read"]', 'scoped', '2026-11-20 09:00:32+00', NULL, NULL, '["user:alice"]'),
	('3eced457f5882f06795c8ab14f8e9eda187fef6595fda4a088fe2d6151e698c9', 'bo', '["memories:read","memories:write","search:read"]', NULL, '2026-11-20 09:00:32+00', NULL, '2026-11-20 09:00:32+00', '[]');
INSERT INTO memoryos.memories OVERRIDING SYSTEM VALUE VALUES
	(3, '00000000-0000-4000-8000-000000000005', 'ada', E'Ada likes green tea \x01\x01\x01\x02 and \x01\x01\x02\x02\x01\x02\x02\x02 coffee', 'text', 'long', NULL, 0.5, 1, 0, NULL, '00000000-0000-4000-8000-000000000004', 'mail-1', NULL, '{"tags":["tea"]}', '[]', '2689c0bf0af1d55ee58b1acc6e2e9673f8cd05606f9b125a0a085db6b003ce85', '2026-11-20 09:00:05+00', '2026-11-20 09:00:05+00', NULL, 6, true),
	(4, '00000000-0000-4000-8000-000000000006', 'ada', 'Grace­ Hopper reﬁned the naïve compiler 🍵', 'text', 'long', NULL, 0.5, 1, 0, NULL, '00000000-0000-4000-8000-000000000004', 'mail-1', NULL, '{"tags":["tea"]}', '[]', '4dfb6ceba9a9a2e079b4f51ac85e584c82c8df85a4326611e1f20e8d602859b0', '2026-11-20 09:00:06+00', '2026-11-20 09:00:06+00', NULL, 7, true),
	(5, '00000000-0000-4000-8000-000000000007', 'ada', 'Ada: When is the train?', 'conversation', 'long', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{"conversation_id":"c1"}', '[]', '381c290c5a37f2e106ead4d80087d0b79cba7fb34d7ff46d6049e9c051f20e25', '2026-11-20 09:00:07+00', '2026-11-20 09:00:07+00', NULL, 5, true),
	(6, '00000000-0000-4000-8000-000000000008', 'ada', 'Bo: At seven.', 'conversation', 'long', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{"conversation_id":"c1"}', '[]', 'f65e4878a2a3126cd6eb05080843135234f84d531fef71587cf96a7ef66900cd', '2026-11-20 09:00:08+00', '2026-11-20 09:00:08+00', NULL, 3, true),
	(7, '00000000-0000-4000-8000-000000000009', 'ada', 'The garden has a pond', 'text', 'short', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{"tags":["garden"],"n":4}', '[]', '496a08f182ce5e527dd3238cea8aafb23cd8817f75c2f94bcf728e8498064af8', '2026-11-20 09:00:09+00', '2026-11-20 09:00:10+00', '2026-11-21 09:00:09+00', 5, true),
	(9, '00000000-0000-4000-8000-00000000000b', 'ada', 'Expires', 'text', 'long', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{"tags":["soon"]}', '[]', 'f6725f3af08a06a2804bf70e4493e6c78dd37ef533eebf9b419fc48b520ec753', '2026-11-20 09:00:12+00', '2026-11-20 09:00:12+00', '2026-11-20 11:00:00+00', 1, true),
	(1, '00000000-0000-4000-8000-000000000003', 'ada', 'Die Straße nach Straßburg, said O’Brien', 'text', 'long', NULL, 0.5, 1, 2, '2026-11-20 09:00:11+00', NULL, 'mail-1', NULL, '{"tags":["Tea","user:Alice","Straße"],"n":1,"real":1.5,"yes":true,"none":null,"list":[1,{"x":1}],"object":{"b":[2],"a":"\u0000"},"nul\u0000":"a\u0000","timestamp":1757894400}', '[]', '12107ccfa533b7df767c174ce05f34e3b80d7603606f2a5a0cc71c7f6dcd76c1', '2026-11-20 09:00:03+00', '2026-11-20 09:00:03+00', NULL, 7, true),
	(2, '00000000-0000-4000-8000-000000000004', 'ada', '東京都に住んでいる', 'text', 'long', NULL, 0.5, 1, 1, '2026-11-20 09:00:11+00', '00000000-0000-4000-8000-000000000003', E'\x01\x01\x01\x02', NULL, '{"entities":["00000000-0000-4000-8000-000000000001","unknown"],"n":1.0}', '[]', '6c01f614101d1b98a109dcec09fe2a22cc4fbdf1aa3f2aac8fc70d884a98dfa2', '2026-11-20 09:00:04+00', '2026-11-20 09:00:04+00', NULL, 9, true),
	(10, '00000000-0000-4000-8000-00000000000c', 'ada', 'Lasts', 'text', 'long', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{"tags":["soon"]}', '[]', 'e8d07dfabcb41a797c34f6c7c4bdebd5f1666c808ad0f0f29bd19a7265598440', '2026-11-20 09:00:13+00', '2026-11-20 09:00:13+00', '2026-11-29 11:00:00+00', 1, true),
	(11, '00000000-0000-4000-8000-00000000000d', 'ada', 'Imported', 'text', 'long', NULL, 0.5, 1, 7, '2021-01-01 00:00:00+00', NULL, 'old', NULL, '{}', '[]', '321f179c80ba93ea58db0c591591c517d2e86d83420855aeb271dcef81614616', '2020-01-01 00:00:00+00', '2026-11-20 09:00:14+00', NULL, 1, true),
	(22, '00000000-0000-4000-8000-00000000001b', 'bo', 'Lasts', 'text', 'long', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{"tags":["soon"]}', '[]', 'e8d07dfabcb41a797c34f6c7c4bdebd5f1666c808ad0f0f29bd19a7265598440', '2026-11-20 09:00:29+00', '2026-11-20 09:00:29+00', '2026-11-29 11:00:00+00', 1, true),
	(12, '00000000-0000-4000-8000-00000000000e', 'ada', 'After', 'text', 'long', NULL, 0.5, 1, 0, NULL, NULL, 'one', NULL, '{"tags":["user:bo"]}', '[]', '7b68fe5510851da3d89100c569d3265e044d8656d95750c376b7a0972dea7330', '2026-11-20 09:00:15+00', '2026-11-20 09:00:16+00', NULL, 1, true),
	(15, '00000000-0000-4000-8000-000000000014', 'bo', E'Ada likes green tea \x01\x01\x01\x02 and \x01\x01\x02\x02\x01\x02\x02\x02 coffee', 'text', 'long', NULL, 0.5, 1, 0, NULL, '00000000-0000-4000-8000-000000000013', 'mail-1', NULL, '{"tags":["tea"]}', '[]', '2689c0bf0af1d55ee58b1acc6e2e9673f8cd05606f9b125a0a085db6b003ce85', '2026-11-20 09:00:21+00', '2026-11-20 09:00:21+00', NULL, 6, true),
	(16, '00000000-0000-4000-8000-000000000015', 'bo', 'Grace­ Hopper reﬁned the naïve compiler 🍵', 'text', 'long', NULL, 0.5, 1, 0, NULL, '00000000-0000-4000-8000-000000000013', 'mail-1', NULL, '{"tags":["tea"]}', '[]', '4dfb6ceba9a9a2e079b4f51ac85e584c82c8df85a4326611e1f20e8d602859b0', '2026-11-20 09:00:22+00', '2026-11-20 09:00:22+00', NULL, 7, true),
	(17, '00000000-0000-4000-8000-000000000016', 'bo', 'Ada: When is the train?', 'conversation', 'long', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{"conversation_id":"c1"}', '[]', '381c290c5a37f2e106ead4d80087d0b79cba7fb34d7ff46d6049e9c051f20e25', '2026-11-20 09:00:23+00', '2026-11-20 09:00:23+00', NULL, 5, true),
	(18, '00000000-0000-4000-8000-000000000017', 'bo', 'Bo: At seven.', 'conversation', 'long', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{"conversation_id":"c1"}', '[]', 'f65e4878a2a3126cd6eb05080843135234f84d531fef71587cf96a7ef66900cd', '2026-11-20 09:00:24+00', '2026-11-20 09:00:24+00', NULL, 3, true),
	(19, '00000000-0000-4000-8000-000000000018', 'bo', 'The garden has a pond', 'text', 'short', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{"tags":["garden"],"n":4}', '[]', '496a08f182ce5e527dd3238cea8aafb23cd8817f75c2f94bcf728e8498064af8', '2026-11-20 09:00:25+00', '2026-11-20 09:00:26+00', '2026-11-21 09:00:25+00', 5, true),
	(21, '00000000-0000-4000-8000-00000000001a', 'bo', 'Expires', 'text', 'long', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{"tags":["soon"]}', '[]', 'f6725f3af08a06a2804bf70e4493e6c78dd37ef533eebf9b419fc48b520ec753', '2026-11-20 09:00:28+00', '2026-11-20 09:00:28+00', '2026-11-20 11:00:00+00', 1, true),
	(13, '00000000-0000-4000-8000-000000000012', 'bo', 'Die Straße nach Straßburg, said O’Brien', 'text', 'long', NULL, 0.5, 1, 2, '2026-11-20 09:00:27+00', NULL, 'mail-1', NULL, '{"tags":["Tea","user:Alice","Straße"],"n":1,"real":1.5,"yes":true,"none":null,"list":[1,{"x":1}],"object":{"b":[2],"a":"\u0000"},"nul\u0000":"a\u0000","timestamp":1757894400}', '[]', '12107ccfa533b7df767c174ce05f34e3b80d7603606f2a5a0cc71c7f6dcd76c1', '2026-11-20 09:00:19+00', '2026-11-20 09:00:19+00', NULL, 7, true),
	(14, '00000000-0000-4000-8000-000000000013', 'bo', '東京都に住んでいる', 'text', 'long', NULL, 0.5, 1, 1, '2026-11-20 09:00:27+00', '00000000-0000-4000-8000-000000000012', E'\x01\x01\x01\x02', NULL, '{"entities":["00000000-0000-4000-8000-000000000010","unknown"],"n":1.0}', '[]', '6c01f614101d1b98a109dcec09fe2a22cc4fbdf1aa3f2aac8fc70d884a98dfa2', '2026-11-20 09:00:20+00', '2026-11-20 09:00:20+00', NULL, 9, true),
	(23, '00000000-0000-4000-8000-00000000001c', 'bo', 'Imported', 'text', 'long', NULL, 0.5, 1, 7, '2021-01-01 00:00:00+00', NULL, 'old', NULL, '{}', '[]', '321f179c80ba93ea58db0c591591c517d2e86d83420855aeb271dcef81614616', '2020-01-01 00:00:00+00', '2026-11-20 09:00:30+00', NULL, 1, true),
	(27, '00000000-0000-4000-8000-000000000021', 'ada', 'Not embedded at all', 'text', 'long', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{}', '[]', 'd5f2b885603b335cc1453b3bb9e95de5dfcaae64f859c09ca12a28aecf1e800e', '2026-11-20 09:00:35+00', '2026-11-20 09:00:35+00', NULL, 4, false),
	(24, '00000000-0000-4000-8000-00000000001d', 'bo', 'After', 'text', 'long', NULL, 0.5, 1, 0, NULL, NULL, 'one', NULL, '{"tags":["user:bo"]}', '[]', '7b68fe5510851da3d89100c569d3265e044d8656d95750c376b7a0972dea7330', '2026-11-20 09:00:31+00', '2026-11-20 09:00:32+00', NULL, 1, true),
	(25, '00000000-0000-4000-8000-00000000001f', 'ada', 'Not embedded anew', 'text', 'long', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{}', '[]', '0047e75bbc75d5dd47bc7aebc1ba9acd00ae6a6aec2f7e9d0447dd4484878abd', '2026-11-20 09:00:33+00', '2026-11-20 09:00:33+00', NULL, 3, true),
	(26, '00000000-0000-4000-8000-000000000020', 'bo', 'Not embedded anew', 'text', 'long', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{}', '[]', '0047e75bbc75d5dd47bc7aebc1ba9acd00ae6a6aec2f7e9d0447dd4484878abd', '2026-11-20 09:00:34+00', '2026-11-20 09:00:34+00', NULL, 3, true),
	(28, '00000000-0000-4000-8000-000000000022', 'bo', 'Not embedded at all', 'text', 'long', NULL, 0.5, 1, 0, NULL, NULL, NULL, NULL, '{}', '[]', 'd5f2b885603b335cc1453b3bb9e95de5dfcaae64f859c09ca12a28aecf1e800e', '2026-11-20 09:00:36+00', '2026-11-20 09:00:36+00', NULL, 4, false);
INSERT INTO memoryos.memory_entities VALUES
	(2, '5c9319e8-45d9-503e-8117-80f770e020d9', 'ada'),
	(2, 'ab629a2d-0f0e-56e6-8526-eedccbdaea52', 'ada'),
	(14, 'a112af4e-b155-5721-ac0c-8cb4556c1c0f', 'bo'),
	(14, 'ab629a2d-0f0e-56e6-8526-eedccbdaea52', 'bo');
INSERT INTO memoryos.memory_metadata VALUES
	('5c618d61-c0dc-57ed-bdad-767d9978c83c', 1, 'ada'),
	('dcb5c1d0-59d8-5c73-b61a-d39175f3656f', 1, 'ada'),
	('7f0aa001-5d7f-5082-b4c8-16f892cde80a', 1, 'ada'),
	('1c30b8fd-4027-58ea-b8ff-07e43d92a717', 1, 'ada'),
	('87caccc1-a334-579f-acb9-f861443153e1', 1, 'ada'),
	('d13aa2b5-ce0c-5ba3-9811-2ff071ea368b', 1, 'ada'),
	('b955ff68-ca34-5276-9b2e-bd82391a29d4', 1, 'ada'),
	('a5ab43d8-f288-53c9-91e8-38a634ecc9d9', 1, 'ada'),
	('39cb3c06-8d89-555c-b786-8ca017f3c7fa', 1, 'ada'),
	('16b62b6e-2b38-55e2-93d3-9401465c11fc', 2, 'ada'),
	('dcb5c1d0-59d8-5c73-b61a-d39175f3656f', 2, 'ada'),
	('de15eb25-48a7-5f2a-b60d-9554ac2a5cd1', 3, 'ada'),
	('de15eb25-48a7-5f2a-b60d-9554ac2a5cd1', 4, 'ada'),
	('c7ad8d4b-9eca-5cce-a179-4bca35b5a934', 5, 'ada'),
	('c7ad8d4b-9eca-5cce-a179-4bca35b5a934', 6, 'ada'),
	('d58248ef-e2a6-5934-bdf5-4eba976640c1', 7, 'ada'),
	('b1a8e0ed-b7dc-5571-b7c5-b8f5af32ac3c', 7, 'ada'),
	('ea985754-3e5f-564c-b962-98320fdc76cd', 9, 'ada'),
	('ea985754-3e5f-564c-b962-98320fdc76cd', 10, 'ada'),
	('5d317d92-db0b-56ef-8ce8-70daaf428c1c', 12, 'ada'),
	('1ce3e138-10a4-5f39-9920-99cadd17342c', 13, 'bo'),
	('aabbcecf-5418-583f-b4f3-6cbe7407a267', 13, 'bo'),
	('1f612e21-c61d-5640-8ac4-e80317c53f0c', 13, 'bo'),
	('11572dcb-8634-54b4-8923-f709fac17778', 13, 'bo'),
	('9b6923fe-effe-508d-965f-1cc3aecc9fe0', 13, 'bo'),
	('0300685b-a204-51b3-88d0-241982030fcb', 13, 'bo'),
	('bc735735-8730-5e56-b6b8-f104be343ecf', 13, 'bo'),
	('11fae0f4-d82d-5749-a19f-02fe142aca64', 13, 'bo'),
	('587750f6-c9f4-5c4e-92f8-7346c2805c5a', 13, 'bo'),
	('16a80a75-f0ed-5311-90a3-2527fbabb6a4', 14, 'bo'),
	('aabbcecf-5418-583f-b4f3-6cbe7407a267', 14, 'bo'),
	('4645b105-d570-594e-8f67-21a4e16828ae', 15, 'bo'),
	('4645b105-d570-594e-8f67-21a4e16828ae', 16, 'bo'),
	('e8ebdfa6-38de-5459-a192-af00b5d4c817', 17, 'bo'),
	('e8ebdfa6-38de-5459-a192-af00b5d4c817', 18, 'bo'),
	('0690a6c5-ae92-531b-b25b-f082a043b10f', 19, 'bo'),
	('5ccdc626-3a1b-51ad-97e8-1abb4351a476', 19, 'bo'),
	('b13eccd4-0a1c-5de0-a186-83757b453e5d', 21, 'bo'),
	('b13eccd4-0a1c-5de0-a186-83757b453e5d', 22, 'bo'),
	('6a7d9983-a354-5806-a246-26007a046a5b', 24, 'bo');
INSERT INTO memoryos.memory_tags VALUES
	(1, '4c236382-3df9-5ccf-b3f2-d295aa7adc14', 'ada'),
	(1, '7302e308-0b41-5d2e-b3b4-931a15199fcc', 'ada'),
	(1, '95fdd045-4d31-5d26-b3c9-07c0321d98dc', 'ada'),
	(3, 'd837606a-d89a-5f56-9a96-24bfabe3d766', 'ada'),
	(4, 'd837606a-d89a-5f56-9a96-24bfabe3d766', 'ada'),
	(7, 'a12335e0-31d3-50a6-a462-ccab06aaed54', 'ada'),
	(9, '34aa418b-5f44-55c6-8101-f1e2044eb411', 'ada'),
	(10, '34aa418b-5f44-55c6-8101-f1e2044eb411', 'ada'),
	(12, '795fff07-ac8d-56dc-876f-12442b431c2e', 'ada'),
	(13, '0ec9ce0a-d506-5b74-8605-bbdd0345edf8', 'bo'),
	(13, '8ebda45b-4c67-5b18-89d5-6ed7e0fac3ec', 'bo'),
	(13, 'acff523b-2449-51d2-9246-629c3165b77a', 'bo'),
	(15, 'f223d38d-c72f-5ccc-bfe5-06da6ad83c87', 'bo'),
	(16, 'f223d38d-c72f-5ccc-bfe5-06da6ad83c87', 'bo'),
	(19, '10f644af-88b3-59c1-9f7a-2ed8cc543e64', 'bo'),
	(21, '0280b8fc-0d6c-5263-8ceb-6d74d5913421', 'bo'),
	(22, '0280b8fc-0d6c-5263-8ceb-6d74d5913421', 'bo'),
	(24, 'c929bc35-2aa9-5735-8ede-8f09ad3eabfb', 'bo');
INSERT INTO memoryos.memory_words VALUES
	('ada', 'die', 1, '{0}'),
	('ada', 'strass', 1, '{1}'),
	('ada', 'nach', 1, '{2}'),
	('ada', 'strassburg', 1, '{3}'),
	('ada', 'said', 1, '{4}'),
	('ada', 'o', 1, '{5}'),
	('ada', 'brien', 1, '{6}'),
	('ada', '東', 2, '{0}'),
	('ada', '京', 2, '{1}'),
	('ada', '都', 2, '{2}'),
	('ada', 'に', 2, '{3}'),
	('ada', '住', 2, '{4}'),
	('ada', 'ん', 2, '{5}'),
	('ada', 'で', 2, '{6}'),
	('ada', 'い', 2, '{7}'),
	('ada', 'る', 2, '{8}'),
	('ada', 'ada', 3, '{0}'),
	('ada', 'like', 3, '{1}'),
	('ada', 'green', 3, '{2}'),
	('ada', 'tea', 3, '{3}'),
	('ada', 'and', 3, '{4}'),
	('ada', 'coffe', 3, '{5}'),
	('ada', 'grace', 4, '{0}'),
	('ada', 'hopper', 4, '{1}'),
	('ada', 'refin', 4, '{2}'),
	('ada', 'the', 4, '{3}'),
	('ada', 'naiv', 4, '{4}'),
	('ada', 'compil', 4, '{5}'),
	('ada', '1f375', 4, '{6}'),
	('ada', 'ada', 5, '{0}'),
	('ada', 'when', 5, '{1}'),
	('ada', 'is', 5, '{2}'),
	('ada', 'the', 5, '{3}'),
	('ada', 'train', 5, '{4}'),
	('ada', 'bo', 6, '{0}'),
	('ada', 'at', 6, '{1}'),
	('ada', 'seven', 6, '{2}'),
	('ada', 'the', 7, '{0}'),
	('ada', 'garden', 7, '{1}'),
	('ada', 'ha', 7, '{2}'),
	('ada', 'a', 7, '{3}'),
	('ada', 'pond', 7, '{4}'),
	('ada', 'expir', 9, '{0}'),
	('ada', 'last', 10, '{0}'),
	('ada', 'import', 11, '{0}'),
	('ada', 'after', 12, '{0}'),
	('bo', 'die', 13, '{0}'),
	('bo', 'strass', 13, '{1}'),
	('bo', 'nach', 13, '{2}'),
	('bo', 'strassburg', 13, '{3}'),
	('bo', 'said', 13, '{4}'),
	('bo', 'o', 13, '{5}'),
	('bo', 'brien', 13, '{6}'),
	('bo', '東', 14, '{0}'),
	('bo', '京', 14, '{1}'),
	('bo', '都', 14, '{2}'),
	('bo', 'に', 14, '{3}'),
	('bo', '住', 14, '{4}'),
	('bo', 'ん', 14, '{5}'),
	('bo', 'で', 14, '{6}'),
	('bo', 'い', 14, '{7}'),
	('bo', 'る', 14, '{8}'),
	('bo', 'ada', 15, '{0}'),
	('bo', 'like', 15, '{1}'),
	('bo', 'green', 15, '{2}'),
	('bo', 'tea', 15, '{3}'),
	('bo', 'and', 15, '{4}'),
	('bo', 'coffe', 15, '{5}'),
	('bo', 'grace', 16, '{0}'),
	('bo', 'hopper', 16, '{1}'),
	('bo', 'refin', 16, '{2}'),
	('bo', 'the', 16, '{3}'),
	('bo', 'naiv', 16, '{4}'),
	('bo', 'compil', 16, '{5}'),
	('bo', '1f375', 16, '{6}'),
	('bo', 'ada', 17, '{0}'),
	('bo', 'when', 17, '{1}'),
	('bo', 'is', 17, '{2}'),
	('bo', 'the', 17, '{3}'),
	('bo', 'train', 17, '{4}'),
	('bo', 'bo', 18, '{0}'),
	('bo', 'at', 18, '{1}'),
	('bo', 'seven', 18, '{2}'),
	('bo', 'the', 19, '{0}'),
	('bo', 'garden', 19, '{1}'),
	('bo', 'ha', 19, '{2}'),
	('bo', 'a', 19, '{3}'),
	('bo', 'pond', 19, '{4}'),
	('bo', 'expir', 21, '{0}'),
	('bo', 'last', 22, '{0}'),
	('bo', 'import', 23, '{0}'),
	('bo', 'after', 24, '{0}'),
	('ada', 'not', 25, '{0}'),
	('ada', 'embed', 25, '{1}'),
	('ada', 'anew', 25, '{2}'),
	('bo', 'not', 26, '{0}'),
	('bo', 'embed', 26, '{1}'),
	('bo', 'anew', 26, '{2}'),
	('ada', 'not', 27, '{0}'),
	('ada', 'embed', 27, '{1}');
INSERT INTO memoryos.memory_words VALUES
	('ada', 'at', 27, '{2}'),
	('ada', 'all', 27, '{3}'),
	('bo', 'not', 28, '{0}'),
	('bo', 'embed', 28, '{1}'),
	('bo', 'at', 28, '{2}'),
	('bo', 'all', 28, '{3}');
INSERT INTO memoryos.settings VALUES
	('application', 'Memory OS'),
	('version', '4'),
	('embedder', 'hashing-16'),
	('dimension', '16'),
	('reembedding', 'hashing-24');
INSERT INTO memoryos.staged VALUES
	('ada', 1, NULL, 1795165203000000, 0, '\x44930f0f35986011fb456611d7ff7839d1d3c450705b1b75448a01ae352f11bef0355bd6d6043bef', '[0,0,0,0,0,0,0.33333334,0,0,0,0,0,0.33333334,0.33333334,0,0,0,0,0,0,0.33333334,0.6666667,0,0.33333334]', false, '12107ccfa533b7df767c174ce05f34e3b80d7603606f2a5a0cc71c7f6dcd76c1', '2026-11-20 09:00:03+00'),
	('ada', 2, NULL, 1795165204000000, 0, '\x0da8271f', '[0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]', false, '6c01f614101d1b98a109dcec09fe2a22cc4fbdf1aa3f2aac8fc70d884a98dfa2', '2026-11-20 09:00:04+00'),
	('ada', 3, NULL, 1795165205000000, 0, '\x6d9bf507b1f3d0396887708db2d7868eb34063ac21ee9ad0', '[0.40824828,0,0,0,0,0,0,0,0,0.40824828,0,0,0,0.40824828,0,0,0,0,0.40824828,0.40824828,0,0.40824828,0,0]', false, '2689c0bf0af1d55ee58b1acc6e2e9673f8cd05606f9b125a0a085db6b003ce85', '2026-11-20 09:00:05+00'),
	('ada', 4, NULL, 1795165206000000, 0, '\xf3381b16a068a71be66d453cd8864649dcfaf1be368b48d7', '[0.28867513,0,0,0.28867513,0,0,0.86602545,0,0,0,0,0,0,0,0,0,0,0.28867513,0,0,0,0,0,0]', false, '4dfb6ceba9a9a2e079b4f51ac85e584c82c8df85a4326611e1f20e8d602859b0', '2026-11-20 09:00:06+00'),
	('ada', 5, NULL, 1795165207000000, -1644994892838037966, '\x9d74830b1c0ee823e66d453c97e2ea3c4a64524fd2afea57a3e4665c6e287b61b0c264646887708d', '[0.4472136,0,0,0.4472136,0,0,0.4472136,0,0,0,0,0,0.4472136,0,0,0,0,0,0,0,0,0,0,0.4472136]', false, '381c290c5a37f2e106ead4d80087d0b79cba7fb34d7ff46d6049e9c051f20e25', '2026-11-20 09:00:07+00'),
	('ada', 6, NULL, 1795165208000000, -1644994892838037966, '\x9d74830b4a64524f6e287b613cfd576a86687b906cad549613671fcb', '[0,0,0,0,0,0,0,0,0,0,0,0.4472136,0,0,0,0,0,0,0,0,0.8944272,0,0,0]', false, 'f65e4878a2a3126cd6eb05080843135234f84d531fef71587cf96a7ef66900cd', '2026-11-20 09:00:08+00'),
	('ada', 7, '2026-11-21 09:00:09+00', 1795165209000000, 0, '\xea396f0cea18093ce66d453cf51051b843beb7e8', '[0,0,0,0.3779645,0,0,0.3779645,0,0,0,0,0,0,0.3779645,0,0,0,0,0.755929,0,0,0,0,0]', false, '496a08f182ce5e527dd3238cea8aafb23cd8817f75c2f94bcf728e8498064af8', '2026-11-20 09:00:10+00'),
	('ada', 9, '2026-11-20 11:00:00+00', 1795165212000000, 0, '\xfd2fbe67', '[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0]', false, 'f6725f3af08a06a2804bf70e4493e6c78dd37ef533eebf9b419fc48b520ec753', '2026-11-20 09:00:12+00'),
	('ada', 10, '2026-11-29 11:00:00+00', 1795165213000000, 0, '\xa0a9db4a', '[0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]', false, 'e8d07dfabcb41a797c34f6c7c4bdebd5f1666c808ad0f0f29bd19a7265598440', '2026-11-20 09:00:13+00'),
	('ada', 11, NULL, 1577836800000000, 0, '\x1dce4e9d', '[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0]', false, '321f179c80ba93ea58db0c591591c517d2e86d83420855aeb271dcef81614616', '2026-11-20 09:00:14+00'),
	('ada', 12, NULL, 1795165215000000, 0, '\x414e4489', '[0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0]', false, '7b68fe5510851da3d89100c569d3265e044d8656d95750c376b7a0972dea7330', '2026-11-20 09:00:16+00'),
	('bo', 13, NULL, 1795165219000000, 0, '\x44930f0f35986011fb456611d7ff7839d1d3c450705b1b75448a01ae352f11bef0355bd6d6043bef', '[0,0,0,0,0,0,0.33333334,0,0,0,0,0,0.33333334,0.33333334,0,0,0,0,0,0,0.33333334,0.6666667,0,0.33333334]', false, '12107ccfa533b7df767c174ce05f34e3b80d7603606f2a5a0cc71c7f6dcd76c1', '2026-11-20 09:00:19+00'),
	('bo', 14, NULL, 1795165220000000, 0, '\x0da8271f', '[0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]', false, '6c01f614101d1b98a109dcec09fe2a22cc4fbdf1aa3f2aac8fc70d884a98dfa2', '2026-11-20 09:00:20+00'),
	('bo', 15, NULL, 1795165221000000, 0, '\x6d9bf507b1f3d0396887708db2d7868eb34063ac21ee9ad0', '[0.40824828,0,0,0,0,0,0,0,0,0.40824828,0,0,0,0.40824828,0,0,0,0,0.40824828,0.40824828,0,0.40824828,0,0]', false, '2689c0bf0af1d55ee58b1acc6e2e9673f8cd05606f9b125a0a085db6b003ce85', '2026-11-20 09:00:21+00'),
	('bo', 16, NULL, 1795165222000000, 0, '\xf3381b16a068a71be66d453cd8864649dcfaf1be368b48d7', '[0.28867513,0,0,0.28867513,0,0,0.86602545,0,0,0,0,0,0,0,0,0,0,0.28867513,0,0,0,0,0,0]', false, '4dfb6ceba9a9a2e079b4f51ac85e584c82c8df85a4326611e1f20e8d602859b0', '2026-11-20 09:00:22+00'),
	('bo', 17, NULL, 1795165223000000, -1644994892838037966, '\x9d74830b1c0ee823e66d453c97e2ea3c4a64524fd2afea57a3e4665c6e287b61b0c264646887708d', '[0.4472136,0,0,0.4472136,0,0,0.4472136,0,0,0,0,0,0.4472136,0,0,0,0,0,0,0,0,0,0,0.4472136]', false, '381c290c5a37f2e106ead4d80087d0b79cba7fb34d7ff46d6049e9c051f20e25', '2026-11-20 09:00:23+00'),
	('bo', 18, NULL, 1795165224000000, -1644994892838037966, '\x9d74830b4a64524f6e287b613cfd576a86687b906cad549613671fcb', '[0,0,0,0,0,0,0,0,0,0,0,0.4472136,0,0,0,0,0,0,0,0,0.8944272,0,0,0]', false, 'f65e4878a2a3126cd6eb05080843135234f84d531fef71587cf96a7ef66900cd', '2026-11-20 09:00:24+00'),
	('bo', 19, '2026-11-21 09:00:25+00', 1795165225000000, 0, '\xea396f0cea18093ce66d453cf51051b843beb7e8', '[0,0,0,0.3779645,0,0,0.3779645,0,0,0,0,0,0,0.3779645,0,0,0,0,0.755929,0,0,0,0,0]', false, '496a08f182ce5e527dd3238cea8aafb23cd8817f75c2f94bcf728e8498064af8', '2026-11-20 09:00:26+00'),
	('bo', 21, '2026-11-20 11:00:00+00', 1795165228000000, 0, '\xfd2fbe67', '[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0]', false, 'f6725f3af08a06a2804bf70e4493e6c78dd37ef533eebf9b419fc48b520ec753', '2026-11-20 09:00:28+00'),
	('bo', 22, '2026-11-29 11:00:00+00', 1795165229000000, 0, '\xa0a9db4a', '[0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]', false, 'e8d07dfabcb41a797c34f6c7c4bdebd5f1666c808ad0f0f29bd19a7265598440', '2026-11-20 09:00:29+00'),
	('bo', 23, NULL, 1577836800000000, 0, '\x1dce4e9d', '[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0]', false, '321f179c80ba93ea58db0c591591c517d2e86d83420855aeb271dcef81614616', '2026-11-20 09:00:30+00'),
	('bo', 24, NULL, 1795165231000000, 0, '\x414e4489', '[0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0]', false, '7b68fe5510851da3d89100c569d3265e044d8656d95750c376b7a0972dea7330', '2026-11-20 09:00:32+00');
INSERT INTO memoryos.tags VALUES
	('4c236382-3df9-5ccf-b3f2-d295aa7adc14', 'ada', 'Tea', 'tea', NULL, NULL, '2026-11-20 09:00:03+00', '2026-11-20 09:00:03+00', NULL),
	('7302e308-0b41-5d2e-b3b4-931a15199fcc', 'ada', 'user:Alice', 'user:alice', NULL, NULL, '2026-11-20 09:00:03+00', '2026-11-20 09:00:03+00', 'user'),
	('95fdd045-4d31-5d26-b3c9-07c0321d98dc', 'ada', 'Straße', 'strasse', NULL, NULL, '2026-11-20 09:00:03+00', '2026-11-20 09:00:03+00', NULL),
	('d837606a-d89a-5f56-9a96-24bfabe3d766', 'ada', 'tea', 'tea', NULL, NULL, '2026-11-20 09:00:05+00', '2026-11-20 09:00:05+00', NULL),
	('a12335e0-31d3-50a6-a462-ccab06aaed54', 'ada', 'garden', 'garden', NULL, NULL, '2026-11-20 09:00:10+00', '2026-11-20 09:00:10+00', NULL),
	('34aa418b-5f44-55c6-8101-f1e2044eb411', 'ada', 'soon', 'soon', NULL, NULL, '2026-11-20 09:00:12+00', '2026-11-20 09:00:12+00', NULL),
	('795fff07-ac8d-56dc-876f-12442b431c2e', 'ada', 'user:bo', 'user:bo', NULL, NULL, '2026-11-20 09:00:15+00', '2026-11-20 09:00:15+00', 'user'),
	('0ec9ce0a-d506-5b74-8605-bbdd0345edf8', 'bo', 'user:Alice', 'user:alice', NULL, NULL, '2026-11-20 09:00:19+00', '2026-11-20 09:00:19+00', 'user'),
	('8ebda45b-4c67-5b18-89d5-6ed7e0fac3ec', 'bo', 'Straße', 'strasse', NULL, NULL, '2026-11-20 09:00:19+00', '2026-11-20 09:00:19+00', NULL),
	('acff523b-2449-51d2-9246-629c3165b77a', 'bo', 'Tea', 'tea', NULL, NULL, '2026-11-20 09:00:19+00', '2026-11-20 09:00:19+00', NULL),
	('f223d38d-c72f-5ccc-bfe5-06da6ad83c87', 'bo', 'tea', 'tea', NULL, NULL, '2026-11-20 09:00:21+00', '2026-11-20 09:00:21+00', NULL),
	('10f644af-88b3-59c1-9f7a-2ed8cc543e64', 'bo', 'garden', 'garden', NULL, NULL, '2026-11-20 09:00:26+00', '2026-11-20 09:00:26+00', NULL),
	('0280b8fc-0d6c-5263-8ceb-6d74d5913421', 'bo', 'soon', 'soon', NULL, NULL, '2026-11-20 09:00:28+00', '2026-11-20 09:00:28+00', NULL),
	('c929bc35-2aa9-5735-8ede-8f09ad3eabfb', 'bo', 'user:bo', 'user:bo', NULL, NULL, '2026-11-20 09:00:31+00', '2026-11-20 09:00:31+00', 'user');
INSERT INTO memoryos.vectors VALUES
	('ada', 1, NULL, 1795165203000000, 0, '\x44930f0f35986011fb456611d7ff7839d1d3c450705b1b75448a01ae352f11bef0355bd6d6043bef', '[0,0,0,0,0.6030227,0.6030227,0.30151135,0.30151135,0,0,0,0,0,0.30151135,0,0]', false),
	('ada', 2, NULL, 1795165204000000, 0, '\x0da8271f', '[0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0]', false),
	('ada', 3, NULL, 1795165205000000, 0, '\x6d9bf507b1f3d0396887708db2d7868eb34063ac21ee9ad0', '[0,0.35355338,0.35355338,0.35355338,0,0,0,0,0.35355338,0,0,0,0,0.70710677,0,0]', false),
	('ada', 4, NULL, 1795165206000000, 0, '\xf3381b16a068a71be66d453cd8864649dcfaf1be368b48d7', '[0,0,0,0.28867513,0,0,0.86602545,0,0.28867513,0.28867513,0,0,0,0,0,0]', false),
	('ada', 5, NULL, 1795165207000000, -1644994892838037966, '\x9d74830b1c0ee823e66d453c97e2ea3c4a64524fd2afea57a3e4665c6e287b61b0c264646887708d', '[0,0,0,0.4472136,0,0,0.4472136,0.4472136,0.4472136,0,0,0,0.4472136,0,0,0]', false),
	('ada', 6, NULL, 1795165208000000, -1644994892838037966, '\x9d74830b4a64524f6e287b613cfd576a86687b906cad549613671fcb', '[0,0,0,0.4472136,0,0,0,0,0,0,0,0,0.8944272,0,0,0]', false),
	('ada', 7, '2026-11-21 09:00:09+00', 1795165209000000, 0, '\xea396f0cea18093ce66d453cf51051b843beb7e8', '[0,0,0,0.3779645,0,0.3779645,0.3779645,0,0,0,0.755929,0,0,0,0,0]', false),
	('ada', 9, '2026-11-20 11:00:00+00', 1795165212000000, 0, '\xfd2fbe67', '[0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0]', false),
	('ada', 10, '2026-11-29 11:00:00+00', 1795165213000000, 0, '\xa0a9db4a', '[0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,0]', false),
	('ada', 11, NULL, 1577836800000000, 0, '\x1dce4e9d', '[0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0]', false),
	('ada', 12, NULL, 1795165215000000, 0, '\x414e4489', '[0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0]', false),
	('bo', 13, NULL, 1795165219000000, 0, '\x44930f0f35986011fb456611d7ff7839d1d3c450705b1b75448a01ae352f11bef0355bd6d6043bef', '[0,0,0,0,0.6030227,0.6030227,0.30151135,0.30151135,0,0,0,0,0,0.30151135,0,0]', false),
	('bo', 14, NULL, 1795165220000000, 0, '\x0da8271f', '[0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0]', false),
	('bo', 15, NULL, 1795165221000000, 0, '\x6d9bf507b1f3d0396887708db2d7868eb34063ac21ee9ad0', '[0,0.35355338,0.35355338,0.35355338,0,0,0,0,0.35355338,0,0,0,0,0.70710677,0,0]', false),
	('bo', 16, NULL, 1795165222000000, 0, '\xf3381b16a068a71be66d453cd8864649dcfaf1be368b48d7', '[0,0,0,0.28867513,0,0,0.86602545,0,0.28867513,0.28867513,0,0,0,0,0,0]', false),
	('bo', 17, NULL, 1795165223000000, -1644994892838037966, '\x9d74830b1c0ee823e66d453c97e2ea3c4a64524fd2afea57a3e4665c6e287b61b0c264646887708d', '[0,0,0,0.4472136,0,0,0.4472136,0.4472136,0.4472136,0,0,0,0.4472136,0,0,0]', false),
	('bo', 18, NULL, 1795165224000000, -1644994892838037966, '\x9d74830b4a64524f6e287b613cfd576a86687b906cad549613671fcb', '[0,0,0,0.4472136,0,0,0,0,0,0,0,0,0.8944272,0,0,0]', false),
	('bo', 19, '2026-11-21 09:00:25+00', 1795165225000000, 0, '\xea396f0cea18093ce66d453cf51051b843beb7e8', '[0,0,0,0.3779645,0,0.3779645,0.3779645,0,0,0,0.755929,0,0,0,0,0]', false),
	('bo', 21, '2026-11-20 11:00:00+00', 1795165228000000, 0, '\xfd2fbe67', '[0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0]', false),
	('bo', 22, '2026-11-29 11:00:00+00', 1795165229000000, 0, '\xa0a9db4a', '[0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,0]', false),
	('bo', 23, NULL, 1577836800000000, 0, '\x1dce4e9d', '[0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0]', false),
	('bo', 24, NULL, 1795165231000000, 0, '\x414e4489', '[0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0]', false),
	('ada', 25, NULL, 1795165233000000, 0, '\x75fd05082dd27c361305ba47', '[0,0,0,0,0.57735026,0.57735026,0,0,0,0,0,0,0,0.57735026,0,0]', false),
	('bo', 26, NULL, 1795165234000000, 0, '\x75fd05082dd27c361305ba47', '[0,0,0,0,0.57735026,0.57735026,0,0,0,0,0,0,0,0.57735026,0,0]', false);
SELECT pg_catalog.setval('memoryos.entities_number_seq', 4, true);
SELECT pg_catalog.setval('memoryos.memories_number_seq', 28, true);
ALTER TABLE ONLY memoryos.claims
    ADD CONSTRAINT claims_pkey PRIMARY KEY (owner, operation, key);
ALTER TABLE ONLY memoryos.entities
    ADD CONSTRAINT entities_owner_id_key UNIQUE (owner, id);
ALTER TABLE ONLY memoryos.entities
    ADD CONSTRAINT entities_pkey PRIMARY KEY (owner, number);
ALTER TABLE ONLY memoryos.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY memoryos.memories
    ADD CONSTRAINT memories_owner_id_key UNIQUE (owner, id);
ALTER TABLE ONLY memoryos.memories
    ADD CONSTRAINT memories_pkey PRIMARY KEY (owner, number);
ALTER TABLE ONLY memoryos.memory_entities
    ADD CONSTRAINT memory_entities_pkey PRIMARY KEY (owner, number, entity);
ALTER TABLE ONLY memoryos.memory_metadata
    ADD CONSTRAINT memory_metadata_pkey PRIMARY KEY (owner, field, number);
ALTER TABLE ONLY memoryos.memory_tags
    ADD CONSTRAINT memory_tags_pkey PRIMARY KEY (owner, number, tag_id);
ALTER TABLE ONLY memoryos.memory_words
    ADD CONSTRAINT memory_words_pkey PRIMARY KEY (owner, word, number);
ALTER TABLE ONLY memoryos.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (name);
ALTER TABLE ONLY memoryos.staged
    ADD CONSTRAINT staged_pkey PRIMARY KEY (owner, number);
ALTER TABLE ONLY memoryos.tags
    ADD CONSTRAINT tags_pkey PRIMARY KEY (owner, id);
ALTER TABLE ONLY memoryos.vectors
    ADD CONSTRAINT vectors_pkey PRIMARY KEY (owner, number);
CREATE INDEX claims_by_age ON memoryos.claims USING btree (owner, created_at);
CREATE INDEX memories_by_age ON memoryos.memories USING btree (owner, created_at, number);
CREATE INDEX memories_by_expiry ON memoryos.memories USING btree (owner, expires_at) WHERE (expires_at IS NOT NULL);
CREATE INDEX memories_by_external_id ON memoryos.memories USING btree (owner, hashtextextended(external_id, (0)::bigint)) WHERE (external_id IS NOT NULL);
CREATE INDEX memories_by_length ON memoryos.memories USING btree (owner) INCLUDE (word_count);
CREATE INDEX memories_by_nature ON memoryos.memories USING btree (owner, memory_nature) WHERE (memory_nature IS NOT NULL);
CREATE INDEX memories_by_parent ON memoryos.memories USING btree (owner, parent_memory_id) WHERE (parent_memory_id IS NOT NULL);
CREATE INDEX memories_by_tier ON memoryos.memories USING btree (owner, tier, created_at, number);
CREATE INDEX memories_to_embed ON memoryos.memories USING btree (owner, number) WHERE (NOT embedded);
CREATE INDEX memory_entities_by_entity ON memoryos.memory_entities USING btree (owner, entity, number);
CREATE INDEX memory_metadata_by_memory ON memoryos.memory_metadata USING btree (owner, number);
CREATE INDEX memory_tags_by_tag ON memoryos.memory_tags USING btree (owner, tag_id, number);
CREATE INDEX memory_words_by_memory ON memoryos.memory_words USING btree (owner, number);
CREATE INDEX staged_by_thread ON memoryos.staged USING btree (owner, thread, number) WHERE (thread <> 0);
CREATE INDEX staged_nearest ON memoryos.staged USING hnsw (vector public.vector_ip_ops) WHERE indexed;
CREATE INDEX staged_to_compare ON memoryos.staged USING btree (owner, number) WHERE (NOT indexed);
CREATE INDEX vectors_by_thread ON memoryos.vectors USING btree (owner, thread, number) WHERE (thread <> 0);
CREATE INDEX vectors_nearest ON memoryos.vectors USING hnsw (vector public.vector_ip_ops) WHERE indexed;
CREATE INDEX vectors_to_compare ON memoryos.vectors USING btree (owner, number) WHERE (NOT indexed);
ALTER TABLE ONLY memoryos.memory_entities
    ADD CONSTRAINT memory_entities_owner_number_fkey FOREIGN KEY (owner, number) REFERENCES memoryos.memories(owner, number) ON DELETE CASCADE;
ALTER TABLE ONLY memoryos.memory_metadata
    ADD CONSTRAINT memory_metadata_owner_number_fkey FOREIGN KEY (owner, number) REFERENCES memoryos.memories(owner, number) ON DELETE CASCADE;
ALTER TABLE ONLY memoryos.memory_tags
    ADD CONSTRAINT memory_tags_owner_number_fkey FOREIGN KEY (owner, number) REFERENCES memoryos.memories(owner, number) ON DELETE CASCADE;
ALTER TABLE ONLY memoryos.memory_tags
    ADD CONSTRAINT memory_tags_owner_tag_id_fkey FOREIGN KEY (owner, tag_id) REFERENCES memoryos.tags(owner, id) ON DELETE CASCADE;
ALTER TABLE ONLY memoryos.memory_words
    ADD CONSTRAINT memory_words_owner_number_fkey FOREIGN KEY (owner, number) REFERENCES memoryos.memories(owner, number) ON DELETE CASCADE;
ALTER TABLE ONLY memoryos.staged
    ADD CONSTRAINT staged_owner_number_fkey FOREIGN KEY (owner, number) REFERENCES memoryos.memories(owner, number) ON DELETE CASCADE;
ALTER TABLE ONLY memoryos.vectors
    ADD CONSTRAINT vectors_owner_number_fkey FOREIGN KEY (owner, number) REFERENCES memoryos.memories(owner, number) ON DELETE CASCADE;
