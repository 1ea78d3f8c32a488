"""The tables of the history, version after version: what makes each of the one before it."""

_ASKED = "CASE {row}.earlier WHEN '' THEN {row}.prompt ELSE {row}.prompt || char(10) || {row}.earlier END"
"""All that was said up to the question."""
_INDEXED = f"""\
INSERT INTO runs_text (rowid, prompt, answer, note, title)
            VALUES ({{row}}.id, {_ASKED}, {{row}}.answer, {{row}}.note, {{row}}.title);
            INSERT INTO runs_grams (rowid, grams)
            VALUES ({{row}}.id, grams({{row}}.prompt, {{row}}.answer, {{row}}.note, {{row}}.title, {{row}}.earlier))"""
"""Of the tenth version: puts a row's texts into both indexes."""
_NO_LONGER_INDEXED = f"""\
INSERT INTO runs_text (runs_text, rowid, prompt, answer, note, title)
            VALUES ('delete', {{row}}.id, {_ASKED}, {{row}}.answer, {{row}}.note, {{row}}.title);
            INSERT INTO runs_grams (runs_grams, rowid, grams) VALUES ('delete', {{row}}.id,
            grams({{row}}.prompt, {{row}}.answer, {{row}}.note, {{row}}.title, {{row}}.earlier))"""

# One tuple of statements per version; append, never edit: files in use stand at any of them.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            run_id TEXT NOT NULL UNIQUE,
            created REAL NOT NULL,
            updated REAL NOT NULL,
            image TEXT NOT NULL,
            picture_name TEXT NOT NULL,
            prompt TEXT NOT NULL,
            answer TEXT NOT NULL,
            model_name TEXT NOT NULL,
            request TEXT NOT NULL,
            method TEXT NOT NULL,
            num_samples INTEGER NOT NULL,
            duration REAL NOT NULL,
            thumbnail BLOB NOT NULL
        )
        """,
        "CREATE INDEX runs_created ON runs (created DESC, id DESC)",
        # Trigrams find any three letters in a row, hence Chinese, which has no spaces to split at.
        "CREATE VIRTUAL TABLE runs_text USING fts5"
        "(prompt, answer, content='runs', content_rowid='id', tokenize='trigram')",
        """
        CREATE TRIGGER runs_inserted AFTER INSERT ON runs BEGIN
            INSERT INTO runs_text (rowid, prompt, answer) VALUES (new.id, new.prompt, new.answer);
        END
        """,
        """
        CREATE TRIGGER runs_deleted AFTER DELETE ON runs BEGIN
            INSERT INTO runs_text (runs_text, rowid, prompt, answer)
            VALUES ('delete', old.id, old.prompt, old.answer);
        END
        """,
        """
        CREATE TRIGGER runs_updated AFTER UPDATE OF prompt, answer ON runs BEGIN
            INSERT INTO runs_text (runs_text, rowid, prompt, answer)
            VALUES ('delete', old.id, old.prompt, old.answer);
            INSERT INTO runs_text (rowid, prompt, answer) VALUES (new.id, new.prompt, new.answer);
        END
        """,
    ),
    (
        "ALTER TABLE runs ADD COLUMN noise_std REAL NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN target TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN computed_samples INTEGER NOT NULL DEFAULT 0",
        "UPDATE runs SET noise_std = json_extract(request, '$.noise_std'), target = explained(request)",
        "CREATE INDEX runs_pace ON runs (model_name, method, created DESC) WHERE computed_samples > 0",
    ),
    (
        # Of the third version: what people add to a run, and a table that is quick to look through at 100,000
        # runs. Request and thumbnail are most of a row's bytes and no list is filtered or sorted by them, so they
        # move to a table of their own.
        "DROP TRIGGER runs_inserted",
        "DROP TRIGGER runs_deleted",
        "DROP TRIGGER runs_updated",
        "DROP TABLE runs_text",
        "DROP INDEX runs_created",
        "DROP INDEX runs_pace",
        "ALTER TABLE runs RENAME TO runs_before",
        """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            run_id TEXT NOT NULL UNIQUE,
            created REAL NOT NULL,
            updated REAL NOT NULL,
            deleted REAL,
            pinned INTEGER NOT NULL DEFAULT 0,
            rating INTEGER NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5),
            tags TEXT NOT NULL DEFAULT '[]',
            who TEXT NOT NULL DEFAULT '',
            image TEXT NOT NULL,
            picture_name TEXT NOT NULL,
            model_name TEXT NOT NULL,
            method TEXT NOT NULL,
            num_samples INTEGER NOT NULL,
            noise_std REAL NOT NULL DEFAULT 0,
            duration REAL NOT NULL,
            computed_samples INTEGER NOT NULL DEFAULT 0,
            target TEXT NOT NULL DEFAULT '',
            title TEXT NOT NULL DEFAULT '',
            prompt TEXT NOT NULL,
            answer TEXT NOT NULL,
            note TEXT NOT NULL DEFAULT ''
        )
        """,
        "CREATE TABLE run_details (id INTEGER PRIMARY KEY, request TEXT NOT NULL, thumbnail BLOB NOT NULL)",
        """
        INSERT INTO runs (
            id, run_id, created, updated, image, picture_name, model_name, method, num_samples, noise_std, duration,
            computed_samples, target, prompt, answer
        ) SELECT
            id, run_id, created, updated, image, picture_name, model_name, method, num_samples, noise_std, duration,
            computed_samples, target, prompt, answer
        FROM runs_before
        """,
        "INSERT INTO run_details (id, request, thumbnail) SELECT id, request, thumbnail FROM runs_before",
        "DROP TABLE runs_before",
        # One row a tag of a run, kept by triggers: `runs.tags`, a JSON list, is what counts.
        "CREATE TABLE run_tags (tag TEXT NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (tag, run)) WITHOUT ROWID",
        "CREATE INDEX run_tags_run ON run_tags (run)",
        "CREATE VIRTUAL TABLE runs_text USING fts5"
        "(prompt, answer, note, title, content='runs', content_rowid='id', tokenize='trigram')",
        "INSERT INTO runs_text (runs_text) VALUES ('rebuild')",
        """
        CREATE TRIGGER runs_inserted AFTER INSERT ON runs BEGIN
            INSERT INTO runs_text (rowid, prompt, answer, note, title)
            VALUES (new.id, new.prompt, new.answer, new.note, new.title);
            INSERT OR IGNORE INTO run_tags (tag, run) SELECT value, new.id FROM json_each(new.tags);
        END
        """,
        """
        CREATE TRIGGER runs_deleted AFTER DELETE ON runs BEGIN
            INSERT INTO runs_text (runs_text, rowid, prompt, answer, note, title)
            VALUES ('delete', old.id, old.prompt, old.answer, old.note, old.title);
            DELETE FROM run_tags WHERE run = old.id;
            DELETE FROM run_details WHERE id = old.id;
        END
        """,
        """
        CREATE TRIGGER runs_updated AFTER UPDATE OF prompt, answer, note, title ON runs BEGIN
            INSERT INTO runs_text (runs_text, rowid, prompt, answer, note, title)
            VALUES ('delete', old.id, old.prompt, old.answer, old.note, old.title);
            INSERT INTO runs_text (rowid, prompt, answer, note, title)
            VALUES (new.id, new.prompt, new.answer, new.note, new.title);
        END
        """,
        """
        CREATE TRIGGER runs_tagged AFTER UPDATE OF tags ON runs BEGIN
            DELETE FROM run_tags WHERE run = old.id;
            INSERT OR IGNORE INTO run_tags (tag, run) SELECT value, new.id FROM json_each(new.tags);
        END
        """,
        "CREATE INDEX runs_pace ON runs (model_name, method, created DESC) WHERE computed_samples > 0",
        "CREATE INDEX runs_trash ON runs (deleted) WHERE deleted IS NOT NULL",
        "CREATE INDEX runs_pinned ON runs (pinned, created, id) WHERE deleted IS NULL",
        # Holds every column that lists are filtered by, so that a filter never reads the table itself.
        """
        CREATE INDEX runs_listed ON runs (
            created, id, pinned, rating, num_samples, duration, model_name, method, who, picture_name
        ) WHERE deleted IS NULL
        """,
    ),
    ("ALTER TABLE runs ADD COLUMN region TEXT NOT NULL DEFAULT ''",),
    (
        # Bytes of the run's results, NULL where some of them are gone, and when the oldest of them was stored:
        # kept by `cache.runs.stored_sizes`, which finds in the tables below what it has not counted yet, what a pass
        # (the first 64 bits of its key) belongs to, and which results it counted.
        "ALTER TABLE runs ADD COLUMN stored INTEGER",
        "ALTER TABLE runs ADD COLUMN stored_since REAL",
        "CREATE TABLE run_passes (pass INTEGER NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (pass, run)) WITHOUT ROWID",
        "CREATE TABLE uncounted (run INTEGER PRIMARY KEY)",
        "CREATE TABLE counted_store (epoch TEXT NOT NULL)",
        "CREATE INDEX runs_stored ON runs (stored_since) WHERE stored IS NOT NULL",
        "CREATE TRIGGER runs_to_count AFTER INSERT ON runs BEGIN INSERT OR IGNORE INTO uncounted VALUES (new.id); END",
        # Everything that lists are filtered and sorted by, but for texts: those are sorted by their first
        # characters, each in an index of its own. Latest first, as among equals: the best are then met early.
        "DROP INDEX runs_listed",
        """
        CREATE INDEX runs_listed ON runs (
            created DESC, id DESC, pinned, rating, num_samples, duration, model_name, method, who, picture_name,
            updated, tags, stored
        ) WHERE deleted IS NULL
        """,
        *(
            f"CREATE INDEX runs_by_{text} ON runs (substr({text}, 1, 40) COLLATE NOCASE, created, id) "
            "WHERE deleted IS NULL"
            for text in ("title", "prompt", "answer")
        ),
        # Words of one and two characters, beside the trigrams of `runs_text`; see `cache.runs.ngrams`.
        "CREATE VIRTUAL TABLE runs_grams USING fts5(grams, content='', detail=none, columnsize=0, tokenize='ascii')",
        "INSERT INTO runs_grams (rowid, grams) SELECT id, grams(prompt, answer, note, title) FROM runs",
        """
        CREATE TRIGGER grams_inserted AFTER INSERT ON runs BEGIN
            INSERT INTO runs_grams (rowid, grams) VALUES (new.id, grams(new.prompt, new.answer, new.note, new.title));
        END
        """,
        """
        CREATE TRIGGER grams_deleted AFTER DELETE ON runs BEGIN
            INSERT INTO runs_grams (runs_grams, rowid, grams)
            VALUES ('delete', old.id, grams(old.prompt, old.answer, old.note, old.title));
        END
        """,
        """
        CREATE TRIGGER grams_updated AFTER UPDATE OF prompt, answer, note, title ON runs BEGIN
            INSERT INTO runs_grams (runs_grams, rowid, grams)
            VALUES ('delete', old.id, grams(old.prompt, old.answer, old.note, old.title));
            INSERT INTO runs_grams (rowid, grams) VALUES (new.id, grams(new.prompt, new.answer, new.note, new.title));
        END
        """,
    ),
    (
        # Records that are private to one person; see `cache.runs.visibility`. Every index of what is listed knows
        # whose they are.
        "ALTER TABLE runs ADD COLUMN private_to TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX runs_private ON runs (private_to) WHERE private_to <> ''",
        "DROP INDEX runs_pinned",
        "CREATE INDEX runs_pinned ON runs (pinned, created, id, private_to) WHERE deleted IS NULL",
        "DROP INDEX runs_listed",
        """
        CREATE INDEX runs_listed ON runs (
            created DESC, id DESC, pinned, rating, num_samples, duration, model_name, method, who, picture_name,
            updated, tags, stored, private_to
        ) WHERE deleted IS NULL
        """,
        *(f"DROP INDEX runs_by_{text}" for text in ("title", "prompt", "answer")),
        *(
            f"CREATE INDEX runs_by_{text} ON runs (substr({text}, 1, 40) COLLATE NOCASE, created, id, private_to) "
            "WHERE deleted IS NULL"
            for text in ("title", "prompt", "answer")
        ),
        """
        CREATE TABLE asked (
            run_id TEXT NOT NULL, person TEXT NOT NULL, private INTEGER NOT NULL, at REAL NOT NULL,
            PRIMARY KEY (run_id, person, private)
        )
        """,
    ),
    ("ALTER TABLE runs ADD COLUMN peak_bytes INTEGER NOT NULL DEFAULT 0",),
    # Each name of several pictures in one prompt, a JSON list; no list is filtered or sorted by it.
    ("ALTER TABLE run_details ADD COLUMN picture_names TEXT NOT NULL DEFAULT '[]'",),
    (
        # Where a run's numbers come from, as its request says, so that lists can be filtered by it.
        "ALTER TABLE runs ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX runs_imported ON runs (origin) WHERE origin <> ''",
        # Runs that were imported before there were origins; see `cache.runs.former_imports`.
        "CREATE TABLE former_names (run_id TEXT PRIMARY KEY, today TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE former_imports (run INTEGER PRIMARY KEY, kind TEXT NOT NULL, since REAL NOT NULL)",
        # Known by their tag or, where somebody took it away, by what no row without a computed sample has that was
        # written here: it began before it was written, or its model has the name that imports gave to one without.
        """
        INSERT INTO former_imports (run, kind, since)
        SELECT id, CASE computed_samples WHEN 0 THEN 'imported' ELSE 'doubtful' END,
            CASE computed_samples WHEN 0 THEN updated ELSE 0 END
        FROM runs JOIN run_details USING (id) WHERE
            id IN (SELECT run FROM run_tags WHERE tag = 'imported')
            OR computed_samples = 0 AND (
                created < updated
                OR json_valid(request) AND model_name = 'model ' || substr(json_extract(request, '$.model'), 1, 12)
            )
        """,
    ),
    (
        # What was said before a question, as its request has it: found by a search as the prompt is. Rows that are
        # there have none, so that the index of texts stays as it is; where there is some, it is indexed together with
        # the prompt. An external index does not compare itself with its table: what is taken from it has to be the
        # very text that was put in.
        "ALTER TABLE runs ADD COLUMN earlier TEXT NOT NULL DEFAULT ''",
        *(f"DROP TRIGGER {of}_{event}" for of in ("runs", "grams") for event in ("inserted", "deleted", "updated")),
        f"""
        CREATE TRIGGER runs_inserted AFTER INSERT ON runs BEGIN
            {_INDEXED.format(row="new")};
            INSERT OR IGNORE INTO run_tags (tag, run) SELECT value, new.id FROM json_each(new.tags);
        END
        """,
        f"""
        CREATE TRIGGER runs_deleted AFTER DELETE ON runs BEGIN
            {_NO_LONGER_INDEXED.format(row="old")};
            DELETE FROM run_tags WHERE run = old.id;
            DELETE FROM run_details WHERE id = old.id;
        END
        """,
        f"""
        CREATE TRIGGER runs_updated AFTER UPDATE OF prompt, answer, note, title, earlier ON runs BEGIN
            {_NO_LONGER_INDEXED.format(row="old")};
            {_INDEXED.format(row="new")};
        END
        """,
    ),
    (
        # Of a video, how long it lasts and in how many steps its model sees it; 0 where nobody wrote it down. Of rows
        # that are there the steps follow from the frames, which are seen in pairs.
        "ALTER TABLE run_details ADD COLUMN video_seconds REAL NOT NULL DEFAULT 0",
        "ALTER TABLE run_details ADD COLUMN steps INTEGER NOT NULL DEFAULT 0",
        """
        UPDATE run_details SET steps = (json_extract(request, '$.frames') + 1) / 2
        WHERE instr(request, '"frames"')
            AND CASE WHEN json_valid(request) THEN json_type(request, '$.frames') END = 'integer'
            AND json_extract(request, '$.frames') BETWEEN 1 AND 100000
        """,
    ),
)
