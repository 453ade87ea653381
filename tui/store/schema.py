"""The database's tables, as the steps by which they came about.

A migration that has been released is never changed: add another.
"""

from typing import NamedTuple


class Migration(NamedTuple):
    """One step, with a name that is never used again."""

    name: str
    statements: tuple[str, ...]


MIGRATIONS = (
    Migration(
        "0001 projects, jobs, images, marks",
        (
            """CREATE TABLE projects (
                id TEXT PRIMARY KEY NOT NULL,
                slug TEXT NOT NULL,
                name TEXT NOT NULL,
                brief TEXT NOT NULL,
                draft TEXT NOT NULL,
                created REAL NOT NULL,
                updated REAL NOT NULL,
                archived REAL
            )""",
            """CREATE TABLE jobs (
                id TEXT PRIMARY KEY NOT NULL,
                project_id TEXT NOT NULL REFERENCES projects (id),
                request TEXT NOT NULL,
                state TEXT NOT NULL CHECK (
                    state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'set aside')
                ),
                deaths INTEGER NOT NULL DEFAULT 0,
                error TEXT NOT NULL DEFAULT '',
                position REAL NOT NULL,
                created REAL NOT NULL,
                started REAL,
                finished REAL
            )""",
            """CREATE TABLE images (
                id TEXT PRIMARY KEY NOT NULL,
                project_id TEXT NOT NULL REFERENCES projects (id),
                job_id TEXT,
                parent_id TEXT,
                origin TEXT NOT NULL,
                path TEXT NOT NULL,
                sha256 TEXT NOT NULL,
                pixels TEXT NOT NULL,
                intent_key TEXT NOT NULL,
                model_revision TEXT NOT NULL,
                recipe TEXT NOT NULL,
                recipe_hash TEXT NOT NULL,
                seed INTEGER,
                slot INTEGER NOT NULL,
                width INTEGER NOT NULL,
                height INTEGER NOT NULL,
                seconds REAL NOT NULL,
                created REAL NOT NULL
            )""",
            """CREATE TABLE marks (
                image_id TEXT PRIMARY KEY NOT NULL REFERENCES images (id),
                marks TEXT NOT NULL,
                updated REAL NOT NULL
            )""",
            "CREATE INDEX jobs_state ON jobs (state, position)",
            "CREATE INDEX images_intent ON images (intent_key, model_revision)",
            "CREATE INDEX images_project ON images (project_id, created)",
            "CREATE INDEX images_job ON images (job_id)",
        ),
    ),
    Migration(
        "0002 trash, positions, rounds, sign-offs, layer history, library",
        (
            "ALTER TABLE projects ADD COLUMN trashed REAL",
            """CREATE TABLE positions (
                project_id TEXT PRIMARY KEY NOT NULL REFERENCES projects (id),
                step INTEGER NOT NULL CHECK (step BETWEEN 1 AND 7),
                job_id TEXT,
                image_id TEXT,
                parent_id TEXT,
                options TEXT NOT NULL,
                updated REAL NOT NULL
            )""",
            """CREATE TABLE rounds (
                id TEXT PRIMARY KEY NOT NULL,
                project_id TEXT NOT NULL REFERENCES projects (id),
                job_id TEXT NOT NULL,
                parent_image_id TEXT,
                kind TEXT NOT NULL CHECK (
                    kind IN ('first', 'more', 'change', 'rewrite', 'inpaint')
                ),
                changes TEXT NOT NULL,
                expectation TEXT NOT NULL DEFAULT '',
                verdict TEXT NOT NULL DEFAULT '' CHECK (
                    verdict IN ('', 'better', 'same', 'worse')
                ),
                learned TEXT NOT NULL DEFAULT '',
                created REAL NOT NULL
            )""",
            """CREATE TABLE sign_offs (
                image_id TEXT PRIMARY KEY NOT NULL REFERENCES images (id),
                sign_off TEXT NOT NULL,
                updated REAL NOT NULL
            )""",
            """CREATE TABLE layer_history (
                layer TEXT NOT NULL,
                text TEXT NOT NULL,
                used REAL NOT NULL,
                UNIQUE (layer, text)
            )""",
            # The number ties an entry to its words: VACUUM may change a rowid that has no name.
            # The image may go, and its project too; the entry has a picture of its own.
            """CREATE TABLE library (
                number INTEGER PRIMARY KEY,
                id TEXT UNIQUE NOT NULL,
                image_id TEXT NOT NULL,
                project_id TEXT REFERENCES projects (id) ON DELETE SET NULL,
                name TEXT NOT NULL,
                purpose TEXT NOT NULL,
                worked TEXT NOT NULL,
                tags TEXT NOT NULL,
                brief TEXT NOT NULL,
                layers TEXT NOT NULL,
                options TEXT NOT NULL,
                model TEXT NOT NULL,
                kind TEXT NOT NULL,
                path TEXT NOT NULL,
                sha256 TEXT NOT NULL,
                width INTEGER NOT NULL,
                height INTEGER NOT NULL,
                created REAL NOT NULL,
                used_count INTEGER NOT NULL DEFAULT 0,
                last_used REAL,
                archived REAL
            )""",
            # Kept up in code: with trusted_schema off, no trigger may write to a virtual table.
            """CREATE VIRTUAL TABLE library_words USING fts5 (
                name, purpose, worked, tags, prompt,
                tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
            )""",
            "CREATE INDEX images_parent ON images (parent_id)",
            "CREATE INDEX rounds_project ON rounds (project_id, created)",
            "CREATE INDEX rounds_job ON rounds (job_id)",
            "CREATE INDEX layer_history_used ON layer_history (layer, used)",
            "CREATE INDEX library_image ON library (image_id)",
            "CREATE INDEX library_project ON library (project_id)",
        ),
    ),
    Migration(
        "0003 sweeps",
        (
            """CREATE TABLE sweeps (
                id TEXT PRIMARY KEY NOT NULL,
                project_id TEXT NOT NULL REFERENCES projects (id),
                name TEXT NOT NULL,
                sweep TEXT NOT NULL,
                created REAL NOT NULL,
                updated REAL NOT NULL
            )""",
            "CREATE INDEX sweeps_project ON sweeps (project_id, updated)",
        ),
    ),
    Migration(
        "0005 what each change did",
        (
            "ALTER TABLE rounds ADD COLUMN amount REAL",
            "ALTER TABLE rounds ADD COLUMN region TEXT NOT NULL DEFAULT ''",
            # A number of its own, as for the library's words.
            """CREATE TABLE lessons (
                number INTEGER PRIMARY KEY,
                round_id TEXT UNIQUE NOT NULL REFERENCES rounds (id),
                element TEXT NOT NULL,
                before TEXT NOT NULL,
                after TEXT NOT NULL,
                folded TEXT NOT NULL,
                model TEXT NOT NULL
            )""",
            """CREATE VIRTUAL TABLE lesson_words USING fts5 (
                element, before, after, model, verdict, learned, region,
                tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
            )""",
            "CREATE INDEX lessons_folded ON lessons (folded)",
            """CREATE VIEW lesson_list AS SELECT number, folded, round_id, project_id, element,
                before, after, model, verdict, learned, amount, region, created
                FROM lessons JOIN rounds ON rounds.id = lessons.round_id""",
            # Only within CASE does a damaged row stop nobody.
            """INSERT INTO lessons (round_id, element, before, after, folded, model)
                SELECT id, coalesce(json_extract(changes, '$[0].where'), ''),
                    coalesce(json_extract(changes, '$[0].before'), ''),
                    coalesce(json_extract(changes, '$[0].after'), ''),
                    lower(coalesce(json_extract(changes, '$[0].after'), '')),
                    coalesce((SELECT CASE WHEN json_valid(request)
                        THEN json_extract(request, '$.intent.model') END
                        FROM jobs WHERE jobs.id = job_id), '')
                FROM rounds WHERE kind = 'change' AND verdict != ''
                    AND CASE WHEN json_valid(changes) THEN json_array_length(changes) END = 1
                ORDER BY created, id""",
            """INSERT INTO lesson_words
                (rowid, element, before, after, model, verdict, learned, region)
                SELECT number, element, before, after, model, verdict, learned, ''
                FROM lessons JOIN rounds ON rounds.id = round_id""",
        ),
    ),
    Migration(
        "0006 which of two pictures is closer",
        (
            # Of two images of the batch, not of the batch: who draws the rest makes another job.
            """CREATE TABLE comparisons (
                number INTEGER PRIMARY KEY,
                project_id TEXT NOT NULL REFERENCES projects (id),
                left_id TEXT NOT NULL REFERENCES images (id),
                right_id TEXT NOT NULL REFERENCES images (id),
                closer TEXT NOT NULL CHECK (closer IN ('left', 'right', 'same')),
                created REAL NOT NULL,
                UNIQUE (project_id, left_id, right_id)
            )""",
            "CREATE INDEX comparisons_left ON comparisons (left_id)",
            "CREATE INDEX comparisons_right ON comparisons (right_id)",
        ),
    ),
    Migration(
        "0007 pause of the queue",
        (
            """CREATE TABLE queue (
                one INTEGER PRIMARY KEY CHECK (one = 1),
                paused INTEGER NOT NULL CHECK (paused IN (0, 1))
            )""",
            "INSERT INTO queue VALUES (1, 0)",
        ),
    ),
    Migration(
        "0008 merged entries, time per step",
        (
            "ALTER TABLE library ADD COLUMN merged_into TEXT NOT NULL DEFAULT ''",
            "CREATE INDEX library_merged ON library (merged_into) WHERE merged_into != ''",
            """CREATE TABLE stays (
                number INTEGER PRIMARY KEY,
                project_id TEXT NOT NULL REFERENCES projects (id),
                step INTEGER NOT NULL CHECK (step BETWEEN 1 AND 7),
                began REAL NOT NULL,
                seconds REAL NOT NULL
            )""",
            "CREATE INDEX stays_project ON stays (project_id)",
        ),
    ),
    Migration(
        "0009 the library by age and by use, and what came of its entries",
        (
            "CREATE INDEX library_age ON library (created DESC, id DESC) WHERE archived IS NULL",
            """CREATE INDEX library_use ON library
                (used_count DESC, last_used DESC, created DESC, id DESC)
                WHERE archived IS NULL""",
            "ALTER TABLE positions ADD COLUMN begun_from TEXT",
            "CREATE INDEX positions_begun_from ON positions (begun_from)",
        ),
    ),
)
"""In the order in which they are applied."""
