"""The schema of a catalogue in SQLite as named steps, each applied once, in order."""

from __future__ import annotations

MIGRATIONS: dict[str, str] = {
    "0001-catalogue": """
        CREATE TABLE counter (revision INTEGER NOT NULL);
        INSERT INTO counter VALUES (0);

        CREATE TABLE products (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            description TEXT NOT NULL,
            facets TEXT NOT NULL,
            price REAL,
            currency TEXT NOT NULL,
            stock INTEGER,
            family TEXT NOT NULL,
            link TEXT NOT NULL,
            digest BLOB NOT NULL,
            revision INTEGER NOT NULL
        );
        CREATE INDEX products_by_revision ON products (revision, number);
        CREATE TABLE removed (id TEXT PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX removed_by_revision ON removed (revision);

        CREATE TABLE photos (
            id TEXT PRIMARY KEY,
            data BLOB NOT NULL,
            media_type TEXT NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL
        );
        CREATE TABLE product_photos (
            product INTEGER NOT NULL REFERENCES products (number) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            photo TEXT NOT NULL REFERENCES photos (id),
            source TEXT NOT NULL,
            PRIMARY KEY (product, position)
        ) WITHOUT ROWID;
        CREATE INDEX product_photos_by_photo ON product_photos (photo);

        CREATE TABLE codes (
            code TEXT NOT NULL,
            product INTEGER NOT NULL REFERENCES products (number) ON DELETE CASCADE,
            PRIMARY KEY (code, product)
        ) WITHOUT ROWID;
        CREATE INDEX codes_by_product ON codes (product);
        CREATE VIRTUAL TABLE words USING fts5 (
            title, body, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
        );

        CREATE TABLE spaces (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, fit BLOB);
        CREATE TABLE photo_vectors (
            number INTEGER PRIMARY KEY,
            space INTEGER NOT NULL REFERENCES spaces (number),
            photo TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
            vector BLOB NOT NULL,
            UNIQUE (space, photo)
        );
        CREATE INDEX photo_vectors_by_photo ON photo_vectors (photo);
        CREATE TABLE text_vectors (
            space INTEGER NOT NULL REFERENCES spaces (number),
            product INTEGER NOT NULL REFERENCES products (number) ON DELETE CASCADE,
            text TEXT NOT NULL,
            vector BLOB NOT NULL,
            PRIMARY KEY (space, product)
        );
        CREATE INDEX text_vectors_by_product ON text_vectors (product);

        CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE writers (
            host TEXT NOT NULL, pid INTEGER NOT NULL, what TEXT NOT NULL, since TEXT NOT NULL,
            PRIMARY KEY (host, pid)
        ) WITHOUT ROWID;
    """,
    "0002-events": """
        CREATE TABLE event_counter (last INTEGER NOT NULL, forgettings INTEGER NOT NULL);
        INSERT INTO event_counter VALUES (0, 0);

        CREATE TABLE events (
            sequence INTEGER PRIMARY KEY,
            forgotten INTEGER NOT NULL,
            id BLOB NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            shopper TEXT NOT NULL,
            product TEXT NOT NULL,
            time REAL NOT NULL,
            rating REAL,
            query TEXT NOT NULL,
            comment TEXT NOT NULL,
            position INTEGER,
            vector BLOB
        );
        CREATE INDEX events_by_shopper ON events (shopper, time, sequence);
        CREATE INDEX events_searched ON events (shopper, time) WHERE kind = 'search';
    """,
}
