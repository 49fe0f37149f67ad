CREATE TABLE IF NOT EXISTS backfill_job (
  job text NOT NULL PRIMARY KEY, format integer NOT NULL, run bigint NOT NULL, definition text,
  holder text, process text, held_since bigint, lease_until bigint NOT NULL, parts bigint NOT NULL)
--
CREATE TABLE IF NOT EXISTS backfill_bookmark (
  job text NOT NULL, phase text NOT NULL, part text NOT NULL, fence bigint NOT NULL,
  run bigint NOT NULL, page text NOT NULL, done integer NOT NULL,
  filtered bigint NOT NULL, failed bigint NOT NULL, passed bigint NOT NULL, inserted bigint NOT NULL,
  updated bigint NOT NULL, unchanged bigint NOT NULL, dead bigint NOT NULL,
  added bigint NOT NULL, place integer NOT NULL, saved bigint NOT NULL,
  PRIMARY KEY (job, phase, part))
--
CREATE TABLE IF NOT EXISTS backfill_dead_letter (
  job text NOT NULL, id text NOT NULL, phase text NOT NULL, part text NOT NULL, page text NOT NULL,
  item text NOT NULL, reason text NOT NULL, attempts integer NOT NULL, payload text, saved bigint NOT NULL,
  PRIMARY KEY (job, id))
--
INSERT INTO backfill_job VALUES ('golden', 1, 2, 'version 
phase main
', NULL, NULL, NULL, 0, 3)
--
INSERT INTO backfill_bookmark VALUES ('golden', 'main', '2024-01', 2, 1, '{"seen":["ü",2],"skip":4}', 1, 0, 0, 6, 4, 0, 0, 2, 1795907671799, 0, 1795907673785)
--
INSERT INTO backfill_bookmark VALUES ('golden', 'main', 'ü/..\\ 	"''', 2, 1, '{"seen":["ü",102],"skip":4}', 0, 0, 0, 4, 4, 0, 0, 0, 1795907671799, 1, 1795907673904)
--
INSERT INTO backfill_bookmark VALUES ('golden', 'main', '2024-03', 2, 1, 'null', 0, 0, 0, 0, 0, 0, 0, 0, 1795907671799, 2, 1795907671799)
--
INSERT INTO backfill_dead_letter VALUES ('golden', 'c577a841bc241975fcb55a35db9b7f4ef6d1f35f30d2496d91ea9fcd874e75e5', 'main', '2024-01', 'null', 'key 1', 'no "1"
', 2, '1', 1795907674796)